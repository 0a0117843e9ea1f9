// @ts-check
/**
 * The break screen: covers the page while a break runs, counts its minutes, and lets it be put off once, with a
 * reason. The server decides; this only says so. Knows nothing of media.
 */

import { openDialog, say } from "../pages/keys.js";
import { gettext } from "../pages/words.js";

const screen = /** @type {HTMLDialogElement | null} */ (document.getElementById("break"));
let clock = 0;

/** Covers the page until a time. @param {string} until ISO 8601 @param {string} words @param {boolean} mayPutOff */
export function rest(until, words, mayPutOff) {
  if (!screen) return;
  const end = Date.parse(until);
  const [told, left, form] = ["[data-break-words]", "[data-break-left]", "form[data-put-off]"].map((it) => screen.querySelector(it));
  if (told) told.textContent = words;
  if (form instanceof HTMLElement) form.hidden = !mayPutOff;
  const count = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left) left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds === 0) finish(gettext("The break is over."));
  };
  window.clearInterval(clock);
  clock = window.setInterval(count, 1000);
  count();
  if (end > Date.now()) openDialog("break");
}

/** @param {string} words */
function finish(words) {
  window.clearInterval(clock);
  screen?.close();
  // The screen may have opened before the grid took the focus: keys go on where they were meant to begin.
  if (document.activeElement === document.body) document.getElementById("grid")?.focus({ preventScroll: true });
  say(words);
}

/** @param {HTMLFormElement} form */
async function putOff(form) {
  const problem = form.querySelector("[data-problem]");
  const reason = /** @type {HTMLInputElement} */ (form.elements.namedItem("reason")).value;
  const body = new URLSearchParams({ csrfmiddlewaretoken: document.body.dataset.csrf ?? "", reason });
  try {
    const response = await fetch(form.action, { method: "POST", body, redirect: "error" });
    const answer = await response.json();
    if (response.ok) finish(answer.message);
    else if (problem) problem.textContent = answer.message;
  } catch {
    if (problem) problem.textContent = gettext("The server did not answer. The break goes on.");
  }
}

screen?.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.dataset.putOff === undefined) return;
  event.preventDefault();
  void putOff(form);
});
// Escape closes other dialogs; a break is left only by a button that says what it means.
screen?.addEventListener("cancel", (event) => event.preventDefault());
if (screen?.dataset.until) rest(screen.dataset.until, screen.dataset.words ?? "", screen.dataset.mayPutOff === "yes");
