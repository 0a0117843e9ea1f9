// @ts-check
/** Forms of findings wherever they stand: drafts, names, keys. It knows the grid only by its data, and draws nothing. */

import { isCovered, isTyping } from "../pages/keys.js";
import "../pages/pieces.js";
import { startDrafts } from "./drafts.js";
import { startNames } from "./names.js";

/** Keys, and what each begins. @type {Record<string, string>} */
const NEW = { a: "region", s: "note", p: "task", e: "request" };

/** @param {ParentNode} root */
function start(root) {
  startDrafts(root);
  startNames(root);
  for (const form of root.querySelectorAll("form.finding-form")) takeChosen(/** @type {HTMLFormElement} */ (form));
}

/** A request on a series is about what is chosen in its grid. @param {HTMLFormElement} form */
function takeChosen(form) {
  const field = form.elements.namedItem("selection");
  const chosen = document.getElementById("grid")?.dataset.chosen?.trim();
  if (!(field instanceof HTMLInputElement) || field.value || !chosen) return;
  field.value = chosen;
  form.querySelector("[data-of-selection]")?.removeAttribute("hidden");
}

/** The piece in which the officer asked for what comes next: what comes by itself never takes the focus. @type {Element | null} */
let asked = null;

/**
 * To the first field of what was asked for, or to where one can go on. A form that only stands below what was opened
 * (`data-below`) takes no focus: the keys of what is above would be written into it.
 * @param {Element} root
 */
function focusFirst(root) {
  if (root !== asked) return;
  asked = null;
  const first = root.querySelector("[data-first]:not([data-below])");
  const lost = document.activeElement === null || document.activeElement === document.body;
  const next = first ?? (lost ? root.querySelector("a, button") : null);
  if (next instanceof HTMLElement) next.focus();
}

let wanted = "";

/** Opens the form of something new; on the page of a series in its panel. @param {string} kind */
function begin(kind) {
  document.getElementById("tab-findings")?.click();
  const link = document.querySelector(`[data-new="${kind}"]`);
  const open = document.querySelector(".finding-form [data-first]");
  if (link instanceof HTMLElement) link.click();
  else if (open instanceof HTMLElement) open.focus();
  else wanted = kind;
}

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[data-within]");
  if (link) asked = link.closest("[data-piece]");
});
document.addEventListener("submit", (event) => {
  const form = /** @type {Element} */ (event.target).closest("form[data-within]");
  if (form) asked = form.closest("[data-piece]");
});
document.addEventListener("loaded", (event) => {
  const piece = /** @type {HTMLElement} */ (event.target);
  start(piece);
  const link = wanted && piece.querySelector(`[data-new="${wanted}"]`);
  // Other pieces come too, before the one that offers it: they take nothing away.
  if (piece.querySelector("[data-new]")) wanted = "";
  if (link instanceof HTMLElement) link.click();
  else focusFirst(piece);
});

document.addEventListener("keydown", (event) => {
  const kind = NEW[event.key];
  if (!kind || isTyping(event) || isCovered() || event.defaultPrevented || event.repeat) return;
  if (!document.querySelector("[data-new], #tab-findings")) return;
  event.preventDefault();
  begin(kind);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "w" || isTyping(event) || isCovered() || event.defaultPrevented || event.repeat) return;
  // On the page of a series the grid has this key, unless the focus is in the panel.
  const home = document.getElementById("grid") ? document.activeElement?.closest("[data-piece]") : document;
  const link = home?.querySelector("a[data-elsewhere]");
  if (!(link instanceof HTMLElement)) return;
  event.preventDefault();
  link.click();
});

start(document);
