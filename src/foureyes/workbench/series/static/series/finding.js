// @ts-check
/** The query box: asks the server which media match, and chooses them. What is wrong is said in words beside it. */

import { filled, gettext, ngettext } from "../pages/words.js";

/** @typedef {import("./grid.js").Grid} Grid */

export class Finding {
  /** @param {Grid} grid @param {HTMLFormElement} form */
  constructor(grid, form) {
    this.grid = grid;
    this.form = form;
    this.box = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
    this.said = /** @type {HTMLElement} */ (document.getElementById("query-said"));
    /** The query that chose what is chosen now; empty where something else did. */
    this.query = "";
    /** @type {number} */
    this.number = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.find(this.box.value).then((found) => found && grid.root.focus({ preventScroll: true }));
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") grid.root.focus({ preventScroll: true });
    });
  }

  /** Chooses what matches; false where nothing did or the query is none. @param {string} query */
  async find(query) {
    const number = (this.number += 1);
    this.box.value = query;
    const here = this.grid.table.marks[this.grid.stacks[this.grid.current]?.[0] ?? -1] ?? "";
    const asked = new URLSearchParams({ q: query, here });
    let answer;
    try {
      const response = await fetch(`${this.form.action}?${asked}`);
      if (response.redirected) throw new Error("signed out");
      answer = await response.json();
    } catch {
      this.tell(gettext("The server did not answer, or you are signed out."), true);
      return false;
    }
    if (number !== this.number) return false;
    if (answer.message) {
      this.tell(answer.message, true);
      return false;
    }
    const grid = this.grid;
    grid.chooseThese(answer.matches);
    this.query = query.trim();
    this.tell(query.trim() ? filled(ngettext("{n} media matches.", "{n} media match.", answer.matches.length), { n: answer.matches.length }) : "", false);
    if (answer.matches.length > 0) {
      const places = answer.matches.map((/** @type {number} */ index) => grid.placeOf(index));
      if (!places.includes(grid.current)) grid.goTo(places.reduce((/** @type {number} */ a, /** @type {number} */ b) => Math.min(a, b)));
    }
    grid.changed();
    return answer.matches.length > 0;
  }

  /** @param {string} words @param {boolean} wrong */
  tell(words, wrong) {
    this.said.textContent = words;
    this.said.classList.toggle("problem", wrong);
    this.box.setAttribute("aria-invalid", String(wrong));
  }
}
