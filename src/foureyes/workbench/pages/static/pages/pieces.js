// @ts-check
/**
 * Pieces of a page that come and are renewed by themselves: `<section data-piece="/address/">`.
 *
 * A piece is loaded when the page has shown what it is for (`first.js`), and again on a `renew` event at it. Forms and links inside it that carry
 * `data-within` are answered inside it. What somebody is writing is never overwritten: the piece then says
 * that there is something newer, and waits. Knows nothing of what a piece shows.
 */

import { firstShown } from "./first.js";
import { say } from "./keys.js";
import { filled, gettext } from "./words.js";

/** @typedef {{ createHTML: (text: string) => string }} Policy */

const trusted = /** @type {any} */ (window).trustedTypes;
/** Markup comes only from this server's own templates, and scripts in it never run: the page's policy forbids it. */
const policy = /** @type {Policy} */ (
  trusted ? trusted.createPolicy("foureyes-pieces", { createHTML: (/** @type {string} */ text) => text }) : { createHTML: (/** @type {string} */ text) => text }
);

/** Starts every piece below an element. @param {ParentNode} root */
export function startPieces(root = document) {
  for (const piece of root.querySelectorAll("[data-piece]")) {
    if (!(piece instanceof HTMLElement) || piece.dataset.started) continue;
    piece.dataset.started = "yes";
    piece.addEventListener("renew", () => renew(piece));
    if (piece.dataset.here !== undefined) continue; // it came with the page: its links and forms lead on as everywhere
    piece.addEventListener("submit", (event) => void submit(piece, event));
    piece.addEventListener("click", (event) => follow(piece, event));
    void load(piece, piece.dataset.piece ?? "");
  }
}

/** Loads the piece anew, or what was opened in it (`data-at`), unless somebody writes in it. @param {HTMLElement} piece */
export function renew(piece) {
  if (isWritten(piece)) {
    piece.dataset.newer = "yes";
    piece.dispatchEvent(new CustomEvent("newer", { bubbles: true }));
    return;
  }
  const open = /** @type {HTMLElement | null} */ (piece.querySelector("[data-at]"));
  void load(piece, open?.dataset.at ?? piece.dataset.piece ?? "");
}

/** Whether a field in the piece holds what was not sent yet. @param {HTMLElement} piece */
function isWritten(piece) {
  return [...piece.querySelectorAll("textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])")].some(
    (field) => /** @type {HTMLInputElement} */ (field).value !== /** @type {HTMLInputElement} */ (field).defaultValue,
  );
}

/** @param {HTMLElement} piece @param {string} address @param {RequestInit} [init] */
async function load(piece, address, init) {
  piece.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { ...init, headers: { "X-Foureyes-Piece": "1" } });
    if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in")) throw new Error("signed out");
    const answer = new DOMParser().parseFromString(policy.createHTML(await response.text()), "text/html");
    if (answer.getElementById("main")) return wholePage(response, answer);
    put(piece, answer);
    return response.ok;
  } catch {
    say(gettext("The server did not answer, or you are signed out. What you wrote is still here; reload the page or try again."));
    return false;
  } finally {
    piece.removeAttribute("aria-busy");
  }
}

/** A page where a piece was asked for: an error says why and takes nothing away; any other is gone to. @param {Response} response @param {Document} page */
function wholePage(response, page) {
  if (response.ok) window.location.assign(response.url);
  else {
    const happened = page.querySelector(".notice p")?.textContent?.trim() ?? "";
    say(filled(gettext("{happened} What you wrote is still here; you may be signed out: reload the page."), { happened }));
  }
  return response.ok;
}

/** @param {HTMLElement} piece @param {Document} parsed */
function put(piece, parsed) {
  const focused = document.activeElement;
  const same = focused && piece.contains(focused) ? selectorOf(focused) : "";
  piece.replaceChildren(...parsed.body.childNodes);
  delete piece.dataset.newer;
  const found = same ? piece.querySelectorAll(same) : [];
  // Where several could be meant none is: Enter must not press another button than the one that had the focus.
  if (found.length === 1) /** @type {HTMLElement} */ (found[0]).focus({ preventScroll: true });
  piece.dispatchEvent(new CustomEvent("loaded", { bubbles: true }));
}

/** What finds the same field, link or button in what comes: its id, or where it leads; nothing for others. @param {Element} focused */
function selectorOf(focused) {
  if (focused.id) return `#${CSS.escape(focused.id)}`;
  if (focused instanceof HTMLAnchorElement) return `a[href="${CSS.escape(focused.getAttribute("href") ?? "")}"]`;
  if (!(focused instanceof HTMLButtonElement) || !focused.form) return "";
  return `form[action="${CSS.escape(focused.form.getAttribute("action") ?? "")}"] button`;
}

/** @param {HTMLElement} piece @param {SubmitEvent} event */
async function submit(piece, event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.within === undefined) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const body = new URLSearchParams();
  for (const [name, value] of data) if (typeof value === "string") body.append(name, value);
  if (form.method === "get") await load(piece, `${form.action}?${body}`);
  else await load(piece, form.action, { method: "POST", body });
}

/** @param {HTMLElement} piece @param {MouseEvent} event */
function follow(piece, event) {
  const link = /** @type {Element} */ (event.target).closest("a[data-within]");
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void load(piece, link.href);
}

void firstShown.then(() => startPieces());
