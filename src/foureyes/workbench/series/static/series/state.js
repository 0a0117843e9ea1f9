// @ts-check
/** Keeps the page's address and the view the same: writes what changes, reads it at the start and on back and forward. */

import { viewing } from "../library/viewing.js";
import { FEW, defaults, read, written } from "./address.js";
import { FIRST, showPanel, shownPanel } from "./panels.js";

/** @typedef {import("./grid.js").Grid} Grid @typedef {import("./finding.js").Finding} Finding @typedef {import("./address.js").State} State */

/** Browsers refuse more than 200 changes of an address in half a minute. */
const QUIET = 300;

/** What the address of the page asks for now. */
export const asked = () => read(window.location.search, { ...defaults(viewing.size), panel: FIRST });

/** Shows the panel that the address asks for; it needs no grid, and what is chosen while the grid comes stays. */
export function showAskedPanel() {
  if (!showPanel(asked().state.panel)) showPanel(FIRST);
}

export class AddressKeeper {
  /** @param {Grid} grid @param {Finding} finding */
  constructor(grid, finding) {
    this.grid = grid;
    this.finding = finding;
    this.timer = 0;
    this.reading = false;
    window.addEventListener("popstate", () => {
      this.reading = true;
      showAskedPanel();
      void this.apply();
    });
    window.addEventListener("panel:shown", () => this.write(true));
  }

  /** @returns {State} */
  now() {
    const { grid, finding } = this;
    const { marks } = grid.table;
    const query = finding.query;
    const here = grid.current > 0 ? (marks[grid.stacks[grid.current]?.[0] ?? -1] ?? "") : "";
    const chosen = !query && grid.chosen.size <= FEW ? [...grid.chosen].map((index) => marks[index]) : [];
    return { ...grid.how, q: query, here, chosen, panel: shownPanel() };
  }

  /** Writes the address: a new entry of the history for what one goes back from, else into the last one. @param {boolean} step */
  write(step) {
    if (this.reading) return;
    window.clearTimeout(this.timer);
    const put = () => {
      const said = written(this.now(), { ...defaults(viewing.size), panel: FIRST });
      const address = `${window.location.pathname}${said ? `?${said}` : ""}`;
      if (address === `${window.location.pathname}${window.location.search}`) return;
      if (step) window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
    };
    if (step) put();
    else this.timer = window.setTimeout(put, QUIET);
  }

  /** Makes the view of the grid what the address asks for; gives what of it is nonsense. */
  async apply() {
    const { state, problems } = asked();
    const { grid } = this;
    this.reading = true;
    grid.arrangeAs({ order: state.order, group: state.group, folded: state.folded, size: state.size });
    const at = new Map(grid.table.marks.map((mark, index) => [mark, index]));
    if (state.chosen.length > 0) grid.chooseThese(state.chosen.map((mark) => at.get(mark)).filter((index) => index !== undefined));
    const here = at.get(state.here);
    grid.goTo(here === undefined ? 0 : grid.placeOf(here));
    if (state.q) await this.finding.find(state.q);
    else if (state.chosen.length === 0) grid.chooseThese([]);
    this.reading = false;
    return problems;
  }
}
