// @ts-check
/** Forms of findings wherever they stand: drafts, names, keys. It knows the grid only by its data, and draws nothing. */

import { isCovered, isTyping } from "../pages/keys.js";
import "../pages/pieces.js";
import { startDrafts } from "./drafts.js";
import { startNames } from "./names.js";

/** Keys, and what each begins. @type {Record<string, string>} */
const NEW = { a: "region", m: "note", i: "task", e: "request" };

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

/** @param {ParentNode} root */
function focusFirst(root) {
  if (document.activeElement && document.activeElement !== document.body) return;
  const first = root.querySelector("[data-first]");
  if (first instanceof HTMLElement) first.focus();
}

/** @param {string} kind */
function begin(kind) {
  const link = document.querySelector(`[data-new="${kind}"]`);
  if (link instanceof HTMLElement && link.offsetParent !== null) link.click();
  else if (link || !openPanel(kind)) document.querySelector(".finding-form [data-first]")?.dispatchEvent(new Event("wanted"));
}

let wanted = "";

/** On the page of a series: chooses the tab of findings, and goes on when it is there. @param {string} kind */
function openPanel(kind) {
  const tab = document.getElementById("tab-findings");
  if (!tab) return false;
  wanted = kind;
  tab.click();
  return true;
}

document.addEventListener("loaded", (event) => {
  const piece = /** @type {HTMLElement} */ (event.target);
  start(piece);
  const link = wanted && piece.querySelector(`[data-new="${wanted}"]`);
  wanted = "";
  if (link instanceof HTMLElement) {
    link.focus();
    link.click();
  } else focusFirst(piece);
});

document.addEventListener("keydown", (event) => {
  const kind = NEW[event.key];
  if (!kind || isTyping(event) || isCovered() || event.defaultPrevented || event.repeat) return;
  if (!document.querySelector("[data-new], #tab-findings")) return;
  event.preventDefault();
  begin(kind);
});

start(document);
