// @ts-check
/** The page of a series: loads the grid, and brings together what reveals, selects, decides and remembers the view. */

import { Previews } from "../library/previews.js";
import { Revealer } from "../library/reveal.js";
import { firstShown, tellFirstShown } from "../pages/first.js";
import { filled, gettext, ngettext } from "../pages/words.js";
import { Acting } from "./acting.js";
import { Finding } from "./finding.js";
import { Grid } from "./grid.js";
import { shownPanel } from "./panels.js";
import { listenToPanels, tellChoice, tellRevealed } from "./signals.js";
import { AddressKeeper, asked, showAskedPanel } from "./state.js";

/** A link to previews opens for two minutes; it is asked for anew before. */
const LINK_LASTS = 90_000;
/** Bytes that the page takes before a reveal, all in all: 600 kB, less what is beside the grid and comes later. */
const BYTES_AT_MOST = 560_000;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const root = byId("grid");
const told = byId("grid-told");

start().catch(() => {
  tellFirstShown();
  told.textContent = gettext("The grid could not be loaded: the series may have changed, or you are signed out. Reload the page.");
});

async function start() {
  showAskedPanel();
  const panel = shownPanel();
  const table = await fetchTable();
  if (table.revision !== root.dataset.revision) throw new Error("the series changed meanwhile");
  const previews = new Previews(table.marks.length, previewLinks(table.revision));
  const { state } = asked();
  const grid = new Grid(root, table, previews, { order: state.order, group: state.group, folded: state.folded, size: state.size });
  const finding = new Finding(grid, /** @type {HTMLFormElement} */ (byId("query")));
  const keeper = new AddressKeeper(grid, finding);
  const revealer = new Revealer({ series: table.series, targets: () => grid.targets(false), show: redraw, cover: redraw });
  /** @param {string} mark */
  function redraw(mark) {
    grid.redraw(mark);
    tellRevealed(grid, [...revealer.bitmaps.keys()]);
  }
  grid.sharp = (mark) => revealer.bitmap(mark);
  grid.changed = () => {
    if (grid.chosen.size === 0) finding.query = "";
    tell(grid);
    tellChoice(grid);
    keeper.write(false);
  };
  new Acting(grid, finding, keeper);
  const problems = await keeper.apply();
  if (shownPanel() !== panel) keeper.write(true); // chosen before the address was kept
  if (problems.length > 0) finding.tell(`${problems.join(" ")} ${gettext("The default is shown instead.")}`, true);
  listenToPanels(grid);
  if (document.activeElement === document.body) root.focus({ preventScroll: true });
  await previews.ready(grid.leadersInSight());
  // They are on the canvases now; the frame that shows them comes before what is beside them.
  requestAnimationFrame(() => setTimeout(tellFirstShown));
  await firstShown;
  grid.lookAhead();
  window.requestIdleCallback(() => grid.fill(BYTES_AT_MOST - bytesTaken()));
}

/** Bytes that came over the network for this page until now. */
function bytesTaken() {
  const taken = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return taken.reduce((sum, one) => sum + /** @type {PerformanceResourceTiming} */ (one).transferSize, 0);
}

/** @returns {Promise<import("./arranging.js").Table>} */
async function fetchTable() {
  const response = await fetch(root.dataset.url ?? "");
  if (!response.ok || response.redirected) throw new Error("no table");
  return response.json();
}

/** Gives links to the previews, each while it is good: at once where there is one. @param {string} revision @returns {(anew?: boolean) => string | Promise<string>} */
function previewLinks(revision) {
  let made = performance.now();
  /** @type {string | Promise<string>} */
  let link = root.dataset.previews ?? "";
  return (anew = false) => {
    if (anew || performance.now() - made > LINK_LASTS) {
      made = performance.now();
      const coming = fetchLink(revision);
      coming.catch(() => (made = -Infinity));
      link = coming;
    }
    return link;
  };
}

/** @param {string} revision */
async function fetchLink(revision) {
  const response = await fetch(root.dataset.link ?? "");
  if (!response.ok || response.redirected) throw new Error("no link");
  const answer = await response.json();
  if (answer.revision !== revision) told.textContent = gettext("The series changed meanwhile. Reload the page.");
  return answer.previews;
}

/** @param {Grid} grid */
function tell(grid) {
  const all = grid.table.marks.length;
  const [shown, copies] = [grid.stacks.length, all - grid.stacks.length];
  const words = [
    filled(gettext("{n} shown"), { n: shown }) + (copies > 0 ? filled(ngettext(", {n} copy folded", ", {n} copies folded", copies), { n: copies }) : ""),
    grid.groups && grid.groups[0]?.title ? filled(ngettext("{n} group", "{n} groups", grid.groups.length), { n: grid.groups.length }) : "",
    grid.chosen.size > 0 ? filled(ngettext("{n} media chosen", "{n} media chosen", grid.chosen.size), { n: grid.chosen.size }) : gettext("None chosen"),
  ];
  const sentence = `${words.filter(Boolean).join(". ")}.`;
  if (told.textContent !== sentence) told.textContent = sentence;
  byId("fold").setAttribute("aria-pressed", String(grid.how.folded));
  for (const name of /** @type {const} */ (["order", "group"])) /** @type {HTMLSelectElement} */ (byId(name)).value = grid.how[name];
}
