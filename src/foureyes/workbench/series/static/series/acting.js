// @ts-check
/** What keys and buttons of the grid do: fold, group, order, select, decide. Draws nothing itself. */

import { isCovered, isTyping, openDialog, say } from "../pages/keys.js";
import { startPieces } from "../pages/pieces.js";
import { filled, gettext, ngettext } from "../pages/words.js";
import { SIZES } from "./grid.js";

/** @typedef {import("./grid.js").Grid} Grid @typedef {import("./finding.js").Finding} Finding @typedef {import("./state.js").AddressKeeper} Keeper */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class Acting {
  /** @param {Grid} grid @param {Finding} finding @param {Keeper} keeper */
  constructor(grid, finding, keeper) {
    this.grid = grid;
    this.finding = finding;
    this.keeper = keeper;
    this.bindKeys();
    this.bindButtons();
  }

  bindKeys() {
    /** @type {Record<string, () => void>} */
    const anywhere = {
      f: () => this.fold(),
      o: () => this.next("order"),
      b: () => this.next("group"),
      z: () => this.resize((this.grid.how.size + 1) % SIZES.length),
      "+": () => this.resize(this.grid.how.size + 1),
      "-": () => this.resize(this.grid.how.size - 1),
      i: () => this.invert(),
      u: () => this.undo(),
      y: () => this.redo(),
      d: () => this.decide(),
      w: () => this.why(),
      v: () => this.compare(),
      n: () => openDialog("naming"),
      "[": () => this.toGroup(-1),
      "]": () => this.toGroup(1),
      escape: () => this.chooseNothing(),
    };
    document.addEventListener("keydown", (event) => {
      if (this.choosesAll(event)) return;
      if (event.defaultPrevented || isTyping(event) || isCovered()) return;
      const action = anywhere[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    });
    this.grid.root.addEventListener("keydown", (event) => this.onGridKey(event));
  }

  /** Ctrl+A chooses all media wherever the focus is, but in a field, where it is the field's. @param {KeyboardEvent} event */
  choosesAll(event) {
    const field = /** @type {HTMLElement} */ (event.target).matches("input, textarea, select, [contenteditable]");
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "a" || field || isCovered()) return false;
    event.preventDefault();
    this.choose(this.grid.table.marks.keys());
    return true;
  }

  /** @param {KeyboardEvent} event */
  onGridKey(event) {
    const { grid } = this;
    const { rows, current } = grid;
    const page = Math.max(1, Math.floor(grid.root.clientHeight / rows.step));
    const turned = window.getComputedStyle(grid.root).direction === "rtl" ? -1 : 1;
    /** @type {Record<string, () => number>} */
    const aims = {
      ArrowLeft: () => current - turned,
      ArrowRight: () => current + turned,
      ArrowUp: () => rows.vertical(current, -1),
      ArrowDown: () => rows.vertical(current, 1),
      PageUp: () => rows.vertical(current, -page),
      PageDown: () => rows.vertical(current, page),
      Home: () => 0,
      End: () => grid.stacks.length - 1,
    };
    const aim = aims[event.key];
    if (event.ctrlKey || event.metaKey) return;
    if (aim) grid.goTo(aim(), event.shiftKey);
    else if (event.key === "x") grid.choose(grid.current);
    else if (event.key === "X") this.chooseGroup();
    else if (event.key === "Enter") this.openMedia();
    else return;
    event.preventDefault();
  }

  bindButtons() {
    const { grid } = this;
    for (const name of /** @type {const} */ (["order", "group"])) {
      const select = /** @type {HTMLSelectElement} */ (byId(name));
      select.addEventListener("change", () => this.rearrange({ [name]: select.value }));
    }
    byId("fold").addEventListener("click", () => this.fold());
    byId("larger").addEventListener("click", () => this.resize(grid.how.size + 1));
    byId("smaller").addEventListener("click", () => this.resize(grid.how.size - 1));
    byId("invert").addEventListener("click", () => this.invert());
    byId("undo-selection").addEventListener("click", () => this.undo());
    byId("open-decide").addEventListener("click", () => this.decide());
    byId("open-why").addEventListener("click", () => this.why());
    byId("decide").addEventListener("change", showMergeWith);
    byId("other").addEventListener("change", tellOfMerge);
    grid.root.addEventListener("dblclick", () => this.openMedia());
  }

  /** @param {Partial<Grid["how"]>} how */
  rearrange(how) {
    const { grid } = this;
    Object.assign(grid.how, how);
    grid.arrange();
    grid.goTo(grid.current);
    this.keeper.write(true);
  }

  fold() {
    this.rearrange({ folded: !this.grid.how.folded });
    say(this.grid.how.folded ? gettext("Copies are folded into stacks.") : gettext("Every copy is shown."));
  }

  /** @param {"order" | "group"} name */
  next(name) {
    const select = /** @type {HTMLSelectElement} */ (byId(name));
    select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
    this.rearrange({ [name]: select.value });
    say(select.selectedOptions[0].text);
  }

  /** @param {number} size */
  resize(size) {
    this.grid.how.size = Math.min(Math.max(size, 0), SIZES.length - 1);
    this.grid.measure();
    this.grid.goTo(this.grid.current);
  }

  /** @param {number} way */
  toGroup(way) {
    const { grid } = this;
    const number = grid.rows.groupOf(grid.current) + way;
    const group = grid.groups?.[number];
    if (!group) return;
    grid.goTo(group.first);
    if (group.title) say(`${group.title}: ${filled(ngettext("{n} media", "{n} media", group.media), { n: group.media })}`);
  }

  /** @param {Iterable<number>} indexes */
  choose(indexes) {
    this.finding.query = "";
    this.grid.chooseThese(indexes);
  }

  chooseNothing() {
    this.finding.tell("", false);
    this.choose([]);
  }

  chooseGroup() {
    const { grid } = this;
    const group = grid.groups?.[grid.rows.groupOf(grid.current)];
    if (!group) return;
    const places = grid.stacks.slice(group.first, group.end);
    grid.choosePlaces(group.first, group.end, !places.flat().every((index) => grid.chosen.has(index)));
  }

  invert() {
    const { grid } = this;
    this.choose([...grid.table.marks.keys()].filter((index) => !grid.chosen.has(index)));
    say(filled(ngettext("{n} media chosen.", "{n} media chosen.", grid.chosen.size), { n: grid.chosen.size }));
  }

  undo() {
    if (this.grid.selection.undo()) this.again();
    else say(gettext("There is no change of the selection to undo."));
  }

  redo() {
    if (this.grid.selection.redo()) this.again();
  }

  again() {
    const { grid } = this;
    this.finding.query = "";
    grid.markAll();
    say(filled(ngettext("{n} media chosen.", "{n} media chosen.", grid.chosen.size), { n: grid.chosen.size }));
  }

  openMedia() {
    const { grid } = this;
    const mark = grid.table.marks[grid.stacks[grid.current][0]];
    window.location.assign((grid.root.dataset.media ?? "").replace("/0/", `/${mark}/`));
  }

  why() {
    const [a, b, ...more] = this.grid.targets(false);
    if (!b || more.length > 0) say(gettext("Choose two media with X first."));
    else window.location.assign(`${this.grid.root.dataset.why}?a=${a}&b=${b}`);
  }

  compare() {
    const marks = this.grid.targets(false);
    if (marks.length < 2 || marks.length > 6) say(gettext("Choose two to six media with X first."));
    else window.location.assign(`${this.grid.root.dataset.compare}?${marks.map((mark) => `m=${mark}`).join("&")}`);
  }

  decide() {
    const marks = this.grid.targets(true);
    /** @type {HTMLInputElement} */ (byId("decide-media")).value = marks.join(" ");
    byId("chosen").textContent =
      marks.length === 1
        ? gettext("About the media that you stand on.")
        : filled(gettext("About {n} media; the copies in a stack go with it."), { n: marks.length });
    showMergeWith();
    openDialog("decide");
  }
}

function showMergeWith() {
  const merging = document.querySelector('input[name="kind"][value="merge"]:checked') !== null;
  byId("merge-with").hidden = !merging;
  /** @type {HTMLSelectElement} */ (byId("other")).required = merging;
}

/** Says what the merge would do to who sees what, before anybody rules. */
function tellOfMerge() {
  const told = byId("merge-told");
  told.dataset.piece = `${told.dataset.told}?other=${encodeURIComponent(/** @type {HTMLSelectElement} */ (byId("other")).value)}`;
  if (told.dataset.started) told.dispatchEvent(new Event("renew"));
  else startPieces(byId("merge-with"));
}
