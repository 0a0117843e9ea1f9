// @ts-check
/**
 * Renews the pieces of a page that a change is about: those with `data-on="note task"`, or with such an element in
 * them. What is out of sight is renewed when it comes into sight. Writing is never lost: `pieces.js` sees to that.
 */

/** @typedef {import("./channel.js").Change} Change */

const SPREAD_MS = 1200;
/** Thirty pages that hear of the same note do not all ask at the same moment. */
const OWN_MS = 3000;
/** A piece that was loaded that short a time ago shows what the officer did in it. */

/** @type {WeakMap<Element, number>} */
const loadedAt = new WeakMap();
/** @type {Set<HTMLElement>} */
const waiting = new Set();
/** @type {IntersectionObserver | null} */
let sight = null;

/** @param {string} officer user name of who looks at the page */
export function renewPieces(officer) {
  sight = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement)) continue;
      sight?.unobserve(target);
      soon(target, 0);
    }
  });
  document.addEventListener("loaded", (event) => {
    if (event.target instanceof HTMLElement && event.target.dataset.piece) loadedAt.set(event.target, Date.now());
  });
  document.addEventListener("live:change", (event) => {
    const change = /** @type {CustomEvent<Change>} */ (event).detail;
    for (const piece of piecesOn(change.what)) {
      const own = change.officer === officer && Date.now() - (loadedAt.get(piece) ?? 0) < OWN_MS;
      if (!own) renew(piece, change.officer === officer ? 0 : Math.random() * SPREAD_MS);
    }
  });
}

/** Pieces that show what a change is about. @param {string} what @returns {HTMLElement[]} */
export function piecesOn(what) {
  const found = [...document.querySelectorAll(`[data-on~="${CSS.escape(what)}"]`)].map((it) => it.closest("[data-piece]"));
  return [...new Set(found)].filter((it) => it instanceof HTMLElement && it.dataset.started !== undefined).map((it) => /** @type {HTMLElement} */ (it));
}

/** @param {HTMLElement} piece @param {number} wait in milliseconds */
function renew(piece, wait) {
  if (piece.getClientRects().length > 0) soon(piece, wait);
  else sight?.observe(piece);
}

/** @param {HTMLElement} piece @param {number} wait in milliseconds */
function soon(piece, wait) {
  if (waiting.has(piece)) return;
  waiting.add(piece);
  window.setTimeout(() => {
    waiting.delete(piece);
    if (piece.isConnected) piece.dispatchEvent(new CustomEvent("renew"));
  }, wait);
}
