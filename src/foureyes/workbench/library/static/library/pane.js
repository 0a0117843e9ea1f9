// @ts-check
/**
 * One canvas that shows a picture closely: its grey preview while covered, its tiles while revealed. Pointer and wheel
 * move it; keys are the page's. Knows no address and asks the server for nothing but what its opening gives.
 */

import { say } from "../pages/keys.js";
import { filled, gettext } from "../pages/words.js";
import { bounded, filterOf, matrixOf, scaleOf, turned } from "./look.js";
import { Covered, Opening, Refused, newKey, rendering, thumbnails } from "./opening.js";
import { Pyramid } from "./pyramid.js";

/** @typedef {import("./look.js").Look} Look */

/** A canvas, its cover and its tiles. */
export class Pane {
  /**
   * @param {HTMLCanvasElement} canvas with `data-mark`, `data-preview`, `data-what`, `data-number`, `data-width`, `data-height`
   * @param {() => Look} look what is to be shown now
   * @param {(look: Look) => void} moved called with what pointer and wheel want
   */
  constructor(canvas, look, moved) {
    this.canvas = canvas;
    this.look = look;
    this.moved = moved;
    this.status = /** @type {HTMLElement} */ (canvas.closest(".pane")?.querySelector("[data-status]"));
    /** @type {ImageBitmap | null} */
    this.cover = null;
    /** @type {ImageBitmap | null} */
    this.thumbnail = null;
    /** @type {Opening | null} */
    this.opening = null;
    /** @type {Pyramid | null} */
    this.pyramid = null;
    this.due = false;
    new ResizeObserver(() => this.redraw()).observe(canvas);
    this.listen();
    void this.loadCover();
  }

  get room() {
    return { width: this.canvas.width, height: this.canvas.height };
  }

  get size() {
    const { width, height } = this.canvas.dataset;
    return this.pyramid?.size ?? { width: Number(width) || 4, height: Number(height) || 3 };
  }

  /** Whether anything but the cover is painted. */
  get revealed() {
    return this.thumbnail !== null || this.pyramid !== null;
  }

  /**
   * Where a place of the picture (0 to 1) is painted in a room; the cover lies as the picture does before it is turned.
   * @param {number} x @param {number} y @param {import("./look.js").Size} [room]
   */
  place(x, y, room = this.room) {
    const { size } = this;
    const look = this.revealed ? this.look() : { ...this.look(), x: 0.5, y: 0.5, zoom: 1, turn: 0, mirror: 0 };
    const [a, b, c, d, e, f] = matrixOf(size, room, look);
    return { x: a * x * size.width + c * y * size.height + e, y: b * x * size.width + d * y * size.height + f };
  }

  async loadCover() {
    const preview = this.canvas.dataset.preview;
    const response = preview ? await fetch(preview).catch(() => null) : null;
    if (!response?.ok) return;
    this.cover = await createImageBitmap(await response.blob()).catch(() => null);
    this.redraw();
  }

  get mark() {
    return this.canvas.dataset.mark ?? "";
  }

  get film() {
    return this.canvas.dataset.what === "frame";
  }

  /**
   * Reveals: the thumbnail first where there is a link to it, then tiles as they come.
   * @param {string} series
   * @param {string} key of the press
   * @param {string} [link]
   */
  async reveal(series, key, link) {
    const opening = new Opening(this.mark, series, key);
    this.opening = opening;
    const what = this.film ? "frame" : "tiles";
    const number = Number(this.canvas.dataset.number ?? 0);
    this.tell(rendering(0));
    if (link) void this.showThumbnail(opening, link);
    try {
      const told = await opening.ready(what, number, (percent) => this.tell(rendering(percent)));
      const renew = async () => (await opening.ready(what, number)).link;
      this.pyramid = new Pyramid(told, renew, () => this.redraw());
      [this.canvas.dataset.width, this.canvas.dataset.height] = [String(told.full_width), String(told.full_height)];
      this.canvas.classList.add("sharp");
      const size = `${told.full_width} × ${told.full_height}`;
      this.tell(told.width < told.full_width ? filled(gettext("{size}, shown at {width} × {height}"), { size, width: told.width, height: told.height }) : size);
      if (told.partial) this.tell(filled(gettext("{size}. The file is damaged: part of the picture is missing."), { size }));
      this.canvas.dispatchEvent(new CustomEvent("revealed", { bubbles: true }));
    } catch (error) {
      if (error instanceof Covered) return;
      const words = error instanceof Refused ? error.message : gettext("It could not be shown.");
      this.tell(this.thumbnail ? filled(gettext("Thumbnail only. {words}"), { words }) : words);
      say(words);
    }
    this.redraw();
  }

  /** @param {Opening} opening @param {string} link */
  async showThumbnail(opening, link) {
    const response = await fetch(link).catch(() => null);
    const bitmap = response?.ok ? await createImageBitmap(await response.blob()).catch(() => null) : null;
    if (!bitmap) return;
    if (opening.over) {
      bitmap.close();
      return;
    }
    this.thumbnail = bitmap;
    this.canvas.classList.add("sharp");
    this.redraw();
  }

  /** Covers: nothing sharp is kept. */
  conceal() {
    this.opening?.end();
    this.pyramid?.drop();
    this.thumbnail?.close();
    this.opening = this.pyramid = this.thumbnail = null;
    this.canvas.classList.remove("sharp");
    this.tell("");
    this.redraw();
  }

  /** @param {string} words */
  tell(words) {
    if (this.status) this.status.textContent = words;
  }

  redraw() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.draw();
    });
  }

  draw() {
    const pixels = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(this.canvas.clientWidth * pixels));
    const height = Math.max(1, Math.round(this.canvas.clientHeight * pixels));
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    if (this.canvas.parentElement) this.canvas.parentElement.style.filter = filterOf(this.look());
    const whole = this.paint(context, this.room);
    this.canvas.toggleAttribute("data-complete", whole);
    this.canvas.dispatchEvent(new CustomEvent("painted", { bubbles: true }));
  }

  /**
   * Paints what is to be seen now; gives whether all of it is sharp.
   * @param {CanvasRenderingContext2D} context
   * @param {import("./look.js").Size} room
   */
  paint(context, room) {
    const { size } = this;
    if (this.thumbnail) {
      context.setTransform(...matrixOf(size, room, this.look()));
      context.drawImage(this.thumbnail, 0, 0, size.width, size.height);
      context.resetTransform();
    }
    if (this.pyramid) return this.pyramid.draw(context, this.look(), room);
    if (!this.cover || this.thumbnail) return false;
    const scale = scaleOf(size, room, { ...this.look(), turn: 0, zoom: 1 });
    const [wide, high] = [size.width * scale, size.height * scale];
    context.drawImage(this.cover, (room.width - wide) / 2, (room.height - high) / 2, wide, high);
    return false;
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const pixels = window.devicePixelRatio || 1;
      this.shift(event.movementX * pixels, event.movementY * pixels);
    });
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoomAt(event.offsetX, event.offsetY, event.deltaY < 0 ? 1.2 : 1 / 1.2);
      },
      { passive: false },
    );
    canvas.addEventListener("dblclick", (event) => this.zoomAt(event.offsetX, event.offsetY, 2));
  }

  /** @param {number} dx @param {number} dy */
  shift(dx, dy) {
    const look = this.look();
    const shown = turned(this.size, look.turn);
    const scale = scaleOf(this.size, this.room, look);
    this.moved(bounded({ ...look, x: look.x - dx / (shown.width * scale), y: look.y - dy / (shown.height * scale) }));
  }

  /** Zooms so that the point under the pointer stays where it is. @param {number} x @param {number} y @param {number} times */
  zoomAt(x, y, times) {
    const pixels = window.devicePixelRatio || 1;
    const look = this.look();
    const next = bounded({ ...look, zoom: look.zoom * times });
    const shown = turned(this.size, look.turn);
    const [before, after] = [scaleOf(this.size, this.room, look), scaleOf(this.size, this.room, next)];
    const fromMiddle = { x: x * pixels - this.room.width / 2, y: y * pixels - this.room.height / 2 };
    next.x = look.x + (fromMiddle.x / before - fromMiddle.x / after) / shown.width;
    next.y = look.y + (fromMiddle.y / before - fromMiddle.y / after) / shown.height;
    this.moved(bounded(next));
  }
}

/**
 * Reveals panes with one press: counted once for each media. Shows nothing where `still` says that they are covered
 * again by the time the server answered.
 * @param {Pane[]} panes
 * @param {string} series
 * @param {() => boolean} still
 */
export async function revealAll(panes, series, still) {
  const key = newKey();
  const marks = [...new Set(panes.filter((pane) => !pane.film).map((pane) => pane.mark))];
  for (const pane of panes) pane.conceal();
  try {
    const links = marks.length > 0 ? await thumbnails(marks, series, key) : {};
    if (!still()) return;
    for (const pane of panes) void pane.reveal(series, key, pane.film || !pane.canvas.dataset.preview ? undefined : links[pane.mark]);
  } catch (error) {
    const words = error instanceof Refused ? error.message : gettext("It could not be shown.");
    for (const pane of panes) pane.tell(words);
    say(words);
  }
}
