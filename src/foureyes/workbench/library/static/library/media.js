// @ts-check
/** Media that stand alone on a page: each canvas gets its preview, and its sharp picture while revealed. */

import { draw, drawCovered } from "./previews.js";
import { Revealer } from "./reveal.js";

/** @type {HTMLCanvasElement[]} */
const canvases = [...document.querySelectorAll("canvas[data-preview]")].filter((it) => it instanceof HTMLCanvasElement);
/** @type {Map<HTMLCanvasElement, ImageBitmap>} */
const covers = new Map();

/** @param {HTMLCanvasElement} canvas */
async function drawPreview(canvas) {
  if (!canvas.dataset.preview) return; // what could not be decoded has none
  const response = await fetch(canvas.dataset.preview).catch(() => null);
  if (!response?.ok) return;
  const bitmap = await createImageBitmap(await response.blob()).catch(() => null);
  if (!bitmap) return;
  covers.set(canvas, bitmap);
  if (!canvas.classList.contains("sharp")) drawCovered(canvas, bitmap);
}

/** @param {string} mark */
const of = (mark) => canvases.filter((canvas) => canvas.dataset.mark === mark);

/** The linked media that has the focus, else those that the page is about. */
function targets() {
  const focused = document.activeElement?.closest("a")?.querySelector("canvas[data-mark]");
  const chosen = focused ? [focused] : canvases.filter((canvas) => "subject" in canvas.dataset);
  return chosen.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).dataset.mark ?? "");
}

for (const canvas of canvases) {
  const { width, height } = canvas.dataset;
  if (Number(width) > 0 && Number(height) > 0) canvas.style.aspectRatio = `${width} / ${height}`;
  void drawPreview(canvas);
}

new Revealer({
  series: "",
  targets,
  show(mark, bitmap) {
    for (const canvas of of(mark)) {
      canvas.classList.add("sharp");
      draw(canvas, bitmap);
    }
  },
  cover(mark) {
    for (const canvas of of(mark)) {
      canvas.classList.remove("sharp");
      drawCovered(canvas, covers.get(canvas) ?? null);
    }
  },
});
