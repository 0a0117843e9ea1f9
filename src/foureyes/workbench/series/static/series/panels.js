// @ts-check
/**
 * The tabs beside the grid: shows one panel at a time, and loads a piece when its tab is first chosen.
 * It knows nothing of what a panel shows.
 */

import { firstShown } from "../pages/first.js";
import { isCovered, isTyping } from "../pages/keys.js";
import { startPieces } from "../pages/pieces.js";

const side = document.querySelector(".side");
/** @type {HTMLButtonElement[]} */
const tabs = [...document.querySelectorAll("#tabs [role=tab]")].filter((it) => it instanceof HTMLButtonElement);

/** Key of the panel that is shown: the first where nothing else was chosen. */
export function shownPanel() {
  return (tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0])?.dataset.panel ?? "";
}

/** Key of the panel that is shown unless another was asked for. */
export const FIRST = tabs[0]?.dataset.panel ?? "";

/** Shows a panel, and says whether there is one of this key. @param {string} key */
export function showPanel(key) {
  const chosen = tabs.find((tab) => tab.dataset.panel === key);
  if (!chosen) return false;
  const was = chosen.getAttribute("aria-selected") === "true";
  for (const tab of tabs) {
    const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    if (!panel) continue;
    panel.hidden = tab !== chosen;
    if (tab === chosen) startWhenShown(panel);
  }
  side?.parentElement?.classList.toggle("side-wide", chosen.dataset.wide !== undefined);
  if (!was) side?.dispatchEvent(new CustomEvent("panel:shown", { bubbles: true, detail: { key } }));
  return true;
}

/** A panel, or a part of it, is loaded when the panel is first shown. @param {HTMLElement} panel */
function startWhenShown(panel) {
  const waiting = [panel, ...panel.querySelectorAll("[data-piece-when-shown]")];
  for (const piece of waiting) {
    if (!(piece instanceof HTMLElement) || !piece.dataset.pieceWhenShown) continue;
    piece.dataset.piece = piece.dataset.pieceWhenShown;
    delete piece.dataset.pieceWhenShown;
    void firstShown.then(() => startPieces(piece.parentElement ?? document));
  }
}

for (const tab of tabs) tab.addEventListener("click", () => showPanel(tab.dataset.panel ?? ""));

document.getElementById("tabs")?.addEventListener("keydown", (event) => {
  /** @type {Record<string, number>} */
  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const turned = window.getComputedStyle(tabs[0]).direction === "rtl" && Math.abs(step) === 1 ? -step : step;
  const here = tabs.findIndex((tab) => tab.dataset.panel === shownPanel());
  const next = tabs[Math.min(Math.max(here + turned, 0), tabs.length - 1)];
  showPanel(next.dataset.panel ?? "");
  next.focus();
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || isCovered() || !/^[1-9]$/.test(event.key)) return;
  const tab = tabs[Number(event.key) - 1];
  if (!tab) return;
  event.preventDefault();
  showPanel(tab.dataset.panel ?? "");
});
