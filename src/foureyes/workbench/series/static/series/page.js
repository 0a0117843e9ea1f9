// @ts-check
/** The page of a series: loads the grid, binds its keys and buttons, opens the dialogs. */

import { Previews } from "../library/previews.js";
import { Revealer } from "../library/reveal.js";
import { isCovered, isTyping, openDialog, say } from "../pages/keys.js";
import { Grid } from "./grid.js";
import { listenToPanels, tellChoice, tellRevealed } from "./signals.js";
import "./panels.js";

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const root = byId("grid");
const told = byId("grid-told");

start().catch(() => {
  told.textContent = "The grid could not be loaded: the series may have changed, or you are signed out. Reload the page.";
});

async function start() {
  const [table, previews] = await Promise.all([fetchTable(), Previews.fetch(root.dataset.previews ?? "")]);
  if (table.revision !== root.dataset.revision) throw new Error("the series changed meanwhile");
  const grid = new Grid(root, table, previews);
  const revealer = new Revealer({
    series: table.series,
    targets: () => grid.targets(false),
    show: redraw,
    cover: redraw,
  });
  /** @param {string} mark */
  function redraw(mark) {
    grid.redraw(mark);
    tellRevealed(grid, [...revealer.bitmaps.keys()]);
  }
  grid.sharp = (mark) => revealer.bitmap(mark);
  grid.changed = () => {
    tell(grid);
    tellChoice(grid);
  };
  grid.changed();
  listenToPanels(grid);
  bindKeys(grid);
  bindButtons(grid);
  root.focus({ preventScroll: true });
  void previews.decodeAll();
}

/** @returns {Promise<import("./grid.js").Table>} */
async function fetchTable() {
  const response = await fetch(root.dataset.url ?? "");
  if (!response.ok || response.redirected) throw new Error("no table");
  return response.json();
}

/** @param {Grid} grid */
function tell(grid) {
  const all = grid.table.marks.length;
  const copies = all - grid.stacks.length;
  const stacks = grid.folded ? `${grid.stacks.length} shown, ${copies} ${copies === 1 ? "copy" : "copies"} folded. ` : `${all} shown. `;
  const sentence = stacks + (grid.chosen.size > 0 ? `${grid.chosen.size} media chosen.` : "None chosen.");
  if (told.textContent !== sentence) told.textContent = sentence;
}

/** @param {Grid} grid */
function bindKeys(grid) {
  /** @type {Record<string, () => void>} */
  const anywhere = {
    f: () => fold(grid),
    o: () => nextOrder(grid),
    "+": () => grid.resize(1),
    "-": () => grid.resize(-1),
    d: () => decide(grid),
    w: () => why(grid),
    n: () => openDialog("naming"),
    escape: () => grid.chooseAll(false),
  };
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || isCovered()) return;
    const action = anywhere[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  root.addEventListener("keydown", (event) => onGridKey(grid, event));
}

/** @param {Grid} grid @param {KeyboardEvent} event */
function onGridKey(grid, event) {
  const columns = grid.columns ?? 1;
  const page = columns * Math.max(1, Math.floor(root.clientHeight / (grid.side ?? 1)));
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
  const step = steps[event.key];
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== "a") return;
    grid.chooseAll(true);
  } else if (step !== undefined) {
    // Up and down stay in their column: at the edge they do not move.
    const aim = grid.current + step;
    const sideways = Math.abs(step) !== columns || columns === 1;
    if (sideways || (aim >= 0 && aim < grid.stacks.length)) grid.goTo(aim, event.shiftKey);
  } else if (event.key.toLowerCase() === "x") grid.choose(grid.current);
  else if (event.key === "Enter") openMedia(grid);
  else return;
  event.preventDefault();
}

/** @param {Grid} grid */
function openMedia(grid) {
  const mark = grid.table.marks[grid.stacks[grid.current][0]];
  window.location.assign((root.dataset.media ?? "").replace("/0/", `/${mark}/`));
}

/** @param {Grid} grid */
function fold(grid) {
  grid.folded = !grid.folded;
  grid.arrange();
  grid.goTo(grid.current);
  const button = byId("fold");
  button.setAttribute("aria-pressed", String(grid.folded));
  say(grid.folded ? "Copies are folded into stacks." : "Every copy is shown.");
}

/** @param {Grid} grid */
function nextOrder(grid) {
  const select = /** @type {HTMLSelectElement} */ (byId("order"));
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("change"));
  say(`Ordered ${select.selectedOptions[0].text}.`);
}

/** @param {Grid} grid */
function why(grid) {
  const [a, b, ...more] = grid.targets(false);
  if (!b || more.length > 0) say("Choose two media with X first.");
  else window.location.assign(`${root.dataset.why}?a=${a}&b=${b}`);
}

/** @param {Grid} grid */
function decide(grid) {
  const marks = grid.targets(true);
  /** @type {HTMLInputElement} */ (byId("decide-media")).value = marks.join(" ");
  byId("chosen").textContent = marks.length === 1 ? "About the media that you stand on." : `About ${marks.length} media; the copies in a stack go with it.`;
  showMergeWith();
  openDialog("decide");
}

function showMergeWith() {
  const merging = document.querySelector('input[name="kind"][value="merge"]:checked') !== null;
  byId("merge-with").hidden = !merging;
  /** @type {HTMLSelectElement} */ (byId("other")).required = merging;
}

/** @param {Grid} grid */
function bindButtons(grid) {
  const order = /** @type {HTMLSelectElement} */ (byId("order"));
  order.addEventListener("change", () => {
    grid.order = order.value;
    grid.arrange();
    grid.goTo(grid.current);
  });
  byId("fold").addEventListener("click", () => fold(grid));
  byId("larger").addEventListener("click", () => grid.resize(1));
  byId("smaller").addEventListener("click", () => grid.resize(-1));
  byId("open-decide").addEventListener("click", () => decide(grid));
  byId("open-why").addEventListener("click", () => why(grid));
  byId("decide").addEventListener("change", showMergeWith);
  root.addEventListener("dblclick", () => openMedia(grid));
}
