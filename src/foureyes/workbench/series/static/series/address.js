// @ts-check
/**
 * The state of the view as part of the page's address, and back: a colleague who gets the link sees the same.
 * What an address asks for and is not there is named, and the default is shown.
 */

import { filled, gettext } from "../pages/words.js";
import { GROUPINGS, ORDERS } from "./arranging.js";

/**
 * @typedef {object} State
 * @property {string} group
 * @property {string} order
 * @property {boolean} folded
 * @property {number} size
 * @property {string} q the query whose matches are chosen, as written
 * @property {string} here mark of the media stood on
 * @property {string[]} chosen marks, where they are few and no query chose them
 * @property {string} panel
 */

export const FEW = 24;
const SIZES = ["0", "1", "2", "3", "4"];
const MARK = /^[0-9a-f]{16}$/;
const PANEL = /^[a-z-]{1,40}$/;
const LONGEST_QUERY = 400;

/** @param {number} size what the officer chose for all series @returns {State} */
export const defaults = (size) => ({ group: "none", order: "time", folded: true, size, q: "", here: "", chosen: [], panel: "" });

/** The address' part behind the `?`; what is as by default is left out. @param {State} state @param {State} normal */
export function written(state, normal) {
  const said = new URLSearchParams();
  for (const name of /** @type {const} */ (["group", "order", "q", "here", "panel"])) {
    if (state[name] !== normal[name]) said.set(name, state[name]);
  }
  if (state.folded !== normal.folded) said.set("fold", state.folded ? "1" : "0");
  if (state.size !== normal.size) said.set("size", String(state.size));
  if (state.chosen.length > 0 && state.chosen.length <= FEW) said.set("chosen", state.chosen.join("."));
  return said.toString();
}

/** The state that an address asks for, and what of it is nonsense, in words. @param {string} search @param {State} normal @returns {{ state: State, problems: string[] }} */
export function read(search, normal) {
  const said = new URLSearchParams(search);
  const state = { ...normal };
  /** @type {string[]} */
  const problems = [];
  /** @param {string} name @param {(value: string) => boolean} good @param {(value: string) => void} put */
  const take = (name, good, put) => {
    const value = said.get(name);
    if (value === null) return;
    if (good(value)) put(value);
    else problems.push(filled(gettext("The address asks for {name} “{value}”, which there is not."), { name, value: value.slice(0, 40) }));
  };
  take("group", (it) => GROUPINGS.includes(it), (it) => (state.group = it));
  take("order", (it) => ORDERS.includes(it), (it) => (state.order = it));
  take("fold", (it) => it === "0" || it === "1", (it) => (state.folded = it === "1"));
  take("size", (it) => SIZES.includes(it), (it) => (state.size = Number(it)));
  take("q", (it) => it.length <= LONGEST_QUERY, (it) => (state.q = it));
  take("here", (it) => MARK.test(it), (it) => (state.here = it));
  take("panel", (it) => PANEL.test(it), (it) => (state.panel = it));
  take("chosen", (it) => it.split(".").length <= FEW && it.split(".").every((mark) => MARK.test(mark)), (it) => (state.chosen = it.split(".")));
  return { state, problems };
}
