// @ts-check
/** The page of deep zoom: one pane, its keys, its buttons, its state in the address. */

import { isCovered, isTyping, say } from "../pages/keys.js";
import { gettext } from "../pages/words.js";
import { Holding } from "./holding.js";
import { afterKey, fromAddress, intoAddress, scaleOf, setGamma } from "./look.js";
import { Pane, revealAll } from "./pane.js";

const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector("canvas[data-pane]"));
let look = fromAddress(new URLSearchParams(location.search));
const pane = new Pane(canvas, () => look, change);

/** @param {import("./look.js").Look} next */
function change(next) {
  look = next;
  intoAddress(look);
  setGamma(look);
  pane.redraw();
}

/** One pixel of the picture on one of the screen. */
function wholePixels() {
  change({ ...look, zoom: look.zoom / scaleOf(pane.size, pane.room, look) });
  say(gettext("One pixel of the picture is one of the screen."));
}

/** @param {string} key */
function onKey(key) {
  if (key === "1") wholePixels();
  else {
    const next = afterKey(look, key);
    if (!next) return false;
    change(next);
  }
  return true;
}

setGamma(look);
const holding = new Holding(
  () => void revealAll([pane], canvas.dataset.series ?? "", () => holding.wanted),
  () => pane.conceal(),
);
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || isCovered()) return;
  if (onKey(event.key)) event.preventDefault();
});
for (const button of document.querySelectorAll("button[data-press]")) {
  button.addEventListener("click", () => onKey(/** @type {HTMLElement} */ (button).dataset.press ?? ""));
}
