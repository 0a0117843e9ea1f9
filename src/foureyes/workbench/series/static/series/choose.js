// @ts-check
/**
 * Carries a choice of media from a timeline, map or graph to the grid: at once where the grid is on this page,
 * else by way of the series' page, which finds it when it is loaded. Nothing of it leaves the tab.
 */

import { say } from "../pages/keys.js";
import { gettext } from "../pages/words.js";

const KEPT = "foureyes-choose";

/** @typedef {{ page: string, marks: string[], kind: string }} Choice */

/** The grid of this page, once it is there. */
function grid() {
  return document.getElementById("grid");
}

/**
 * Chooses these media in the grid; with a kind of decision, opens the dialog that decides about them.
 * @param {string} page address of the series' page @param {string[]} marks @param {string} [kind]
 */
export function choose(page, marks, kind = "") {
  if (marks.length === 0) {
    say(gettext("No media is marked yet."));
    return;
  }
  const choice = { page: new URL(page, document.baseURI).pathname, marks, kind };
  if (grid()) whenReady(choice);
  else {
    window.sessionStorage.setItem(KEPT, JSON.stringify(choice));
    window.location.assign(page);
  }
}

/** A grid that does not come yet has the choice when it does. @param {Choice} choice */
function whenReady(choice) {
  const root = grid();
  if (root?.dataset.ready) apply(choice);
  // The page binds its buttons right after it says that the grid is there.
  else root?.addEventListener("grid:ready", () => setTimeout(() => apply(choice)), { once: true });
}

/** @param {Choice} choice */
function apply({ marks, kind }) {
  const root = grid();
  root?.dispatchEvent(new CustomEvent("grid:choose", { detail: { marks } }));
  root?.dispatchEvent(new CustomEvent("grid:go", { detail: { mark: marks[0] } }));
  root?.focus({ preventScroll: true });
  if (!kind) return;
  document.getElementById("open-decide")?.click();
  const radio = document.querySelector(`#decide input[name="kind"][value="${CSS.escape(kind)}"]`);
  if (radio instanceof HTMLInputElement) radio.click();
}

/** Takes up what another page chose for this one. */
function resume() {
  const kept = window.sessionStorage.getItem(KEPT);
  const root = grid();
  if (!kept || !root) return;
  window.sessionStorage.removeItem(KEPT);
  const choice = /** @type {Choice} */ (JSON.parse(kept));
  if (choice.page !== window.location.pathname) return;
  whenReady(choice);
}

/** Binds every button of a piece that names media. @param {HTMLElement} place @param {string} page */
export function bindButtons(place, page) {
  place.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button[data-marks]");
    if (!(button instanceof HTMLElement)) return;
    choose(page, (button.dataset.marks ?? "").split(" ").filter(Boolean), button.dataset.kind ?? "");
  });
}

/**
 * Starts a drawing on each place that is there, and on those that come with a piece.
 * @param {string} selector @param {(place: HTMLElement) => void} start
 */
export function whenThere(selector, start) {
  const look = () => {
    for (const place of document.querySelectorAll(selector)) {
      if (!(place instanceof HTMLElement) || place.dataset.drawn) continue;
      place.dataset.drawn = "yes";
      start(place);
    }
  };
  document.addEventListener("loaded", look);
  look();
}

/** The data that a template wrote beside a drawing. @param {HTMLElement} place @param {string} id @returns {any} */
export function dataOf(place, id) {
  return JSON.parse(place.querySelector(`#${id}`)?.textContent ?? "null");
}

resume();
