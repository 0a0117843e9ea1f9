// @ts-check
/**
 * Marks a clue on the page of deep zoom: a box on what is looked at closely, as far as it is zoomed, turned and mirrored,
 * handed to the form of a new region. While the picture is covered the form is opened without one. It keeps no pixels.
 */

import { isCovered, isTyping } from "../pages/keys.js";
import { backwards, fromAddress, matrixOf } from "../library/look.js";
import { Drawing } from "./draw.js";

const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector("canvas[data-pane]"));
const link = /** @type {HTMLAnchorElement} */ (document.querySelector("a[data-clue]"));

/** The picture's size, and where it lies on the canvas now: the look is in the address. */
function lying() {
  const size = { width: Number(canvas.dataset.width) || 4, height: Number(canvas.dataset.height) || 3 };
  const look = fromAddress(new URLSearchParams(location.search));
  return { size, matrix: matrixOf(size, { width: canvas.width, height: canvas.height }, look) };
}

const drawing = new Drawing(/** @type {HTMLElement} */ (canvas.parentElement), {
  drawn(shape) {
    const address = new URL(link.href);
    address.searchParams.set("shape", shape);
    address.searchParams.set("back", location.pathname + location.search);
    location.assign(address);
  },
  dropped: () => link.focus(),
  toPicture(x, y) {
    const { size, matrix } = lying();
    const box = canvas.getBoundingClientRect();
    const pixels = canvas.width / box.width;
    const [left, top] = backwards(matrix, (x - box.left) * pixels, (y - box.top) * pixels);
    return [(left / size.width) * 100, (top / size.height) * 100];
  },
  toStage([x, y]) {
    const { size, matrix } = lying();
    const [a, b, c, d, e, f] = matrix;
    const [left, top] = [(x / 100) * size.width, (y / 100) * size.height];
    return [((a * left + c * top + e) / canvas.width) * 100, ((b * left + d * top + f) / canvas.height) * 100];
  },
});

/** The middle of what is shown, as a box to begin with. */
function middle() {
  const { size, matrix } = lying();
  const corners = [0.35, 0.65].map((at) => backwards(matrix, at * canvas.width, at * canvas.height));
  /** @param {number} value */
  const within = (value) => Math.min(Math.max(value, 0), 100);
  const across = corners.map(([x]) => within((x / size.width) * 100)).sort((one, other) => one - other);
  const down = corners.map(([, y]) => within((y / size.height) * 100)).sort((one, other) => one - other);
  return `xywh=percent:${across[0]},${down[0]},${Math.max(across[1] - across[0], 0.5)},${Math.max(down[1] - down[0], 0.5)}`;
}

/** Begins to draw where something sharp is shown; says whether it did. */
function begin() {
  if (!canvas.classList.contains("sharp")) return false;
  if (!drawing.isOpen) drawing.open("box", middle());
  return true;
}

link.addEventListener("click", (event) => {
  if (begin()) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "a" || isTyping(event) || isCovered()) return;
  event.preventDefault();
  link.click();
});
