// @ts-check
/**
 * Draws one box or polygon on whatever shows a picture, with mouse, touch or keys alone, and says in words where it
 * is. It works in per cent of the picture as displayed; where the picture lies on the stage, the caller may say
 * (a deep zoom, a film). It keeps no pixels and saves nothing: the shape is handed over as a Media Fragment.
 */

import { say } from "../pages/keys.js";
import { filled, gettext } from "../pages/words.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 1;
const FINE = 0.1;
const SMALLEST = 0.2;
const CORNERS_AT_MOST = 200;

/** @typedef {[number, number]} Point per cent of the picture's width and height */
/** @typedef {{ kind: "box", left: number, top: number, width: number, height: number } | { kind: "polygon", points: Point[] }} Shape */
/**
 * @typedef {object} Options
 * @property {(shape: string) => void} drawn told the Media Fragment when the officer takes the shape
 * @property {(shape: string) => void} [changed] told it on the way, to keep a draft
 * @property {() => void} [dropped] told when the officer gives up
 * @property {(x: number, y: number) => Point} [toPicture] from a place in the window to the picture
 * @property {(point: Point) => Point} [toStage] from the picture to per cent of the stage
 */

/** @param {number} value */
const within = (value) => Math.min(100, Math.max(0, value));
/** @param {number} value */
const written = (value) => String(Math.round(value * 1e4) / 1e4);

/** A shape as a Media Fragment, as the server reads it. @param {Shape} shape */
export function asFragment(shape) {
  if (shape.kind === "polygon") return `polygon=percent:${shape.points.map(([x, y]) => `${written(x)},${written(y)}`).join(" ")}`;
  return `xywh=percent:${[shape.left, shape.top, shape.width, shape.height].map(written).join(",")}`;
}

/** A Media Fragment as a shape; null where it is none. @param {string} text @returns {Shape | null} */
export function fromFragment(text) {
  const found = /(xywh|polygon)=percent:([^&]+)/.exec(text);
  if (!found) return null;
  const parts = found[2].trim().split(/\s+/).map((part) => part.split(",").map(Number));
  if (parts.flat().some((number) => !Number.isFinite(number))) return null;
  if (found[1] === "polygon") return { kind: "polygon", points: parts.map(([x, y]) => /** @type {Point} */ ([x, y])) };
  const [left, top, width, height] = parts[0];
  return { kind: "box", left, top, width, height };
}

/** Outlines a shape in an SVG of 100 by 100. @param {SVGElement} svg @param {Shape} shape @param {string} look @param {(point: Point) => Point} [toStage] */
export function outline(svg, shape, look, toStage = (point) => point) {
  /** @type {Point[]} */
  const corners =
    shape.kind === "polygon"
      ? shape.points
      : [
          [shape.left, shape.top],
          [shape.left + shape.width, shape.top],
          [shape.left + shape.width, shape.top + shape.height],
          [shape.left, shape.top + shape.height],
        ];
  const drawn = document.createElementNS(SVG, corners.length > 2 ? "polygon" : "polyline");
  drawn.setAttribute("points", corners.map((corner) => toStage(corner).join(",")).join(" "));
  drawn.setAttribute("class", look);
  drawn.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(drawn);
  return drawn;
}

/** An empty layer for outlines, over all of a stage. @param {string} look */
export function layer(look) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", look);
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

/** Draws on one stage: an element that is positioned and covers the picture. */
export class Drawing {
  /** @param {HTMLElement} stage @param {Options} options */
  constructor(stage, options) {
    this.stage = stage;
    this.options = options;
    this.toStage = options.toStage ?? ((/** @type {Point} */ point) => point);
    /** @type {Shape} */
    this.shape = { kind: "box", left: 35, top: 35, width: 30, height: 30 };
    /** Where the next corner of a polygon goes. @type {Point} */
    this.aim = [50, 50];
    /** @type {Point | null} */
    this.from = null;
    this.cover = document.createElement("div");
    this.cover.className = "drawing-cover";
    this.cover.tabIndex = 0;
    this.cover.setAttribute("role", "application");
    this.cover.setAttribute("aria-label", gettext("Drawing on the picture"));
    this.svg = layer("drawing-layer");
    this.cover.append(this.svg);
    this.listen();
  }

  /** Whether the officer is drawing now. */
  get isOpen() {
    return this.cover.isConnected;
  }

  /** Begins to draw, from what was drawn before or from the middle. @param {"box" | "polygon"} kind @param {string} [before] */
  open(kind, before = "") {
    const old = fromFragment(before);
    if (old?.kind === kind) this.shape = old;
    else if (kind === "box") this.shape = { kind, left: 35, top: 35, width: 30, height: 30 };
    else this.shape = { kind, points: [] };
    this.stage.append(this.cover);
    this.refresh();
    this.cover.focus();
    const box = gettext("Drawing a box. Arrows move it, Shift and arrows size it, Control makes steps small. Enter takes it, Escape drops it.");
    const polygon = gettext("Drawing a polygon. Arrows move the cross, Space sets a corner, Backspace takes the last one back. Enter takes it, Escape drops it.");
    say(kind === "box" ? box : polygon);
  }

  /** Draws again: after a zoom, say. */
  refresh() {
    this.svg.replaceChildren();
    outline(this.svg, this.shape, "drawn", this.toStage);
    if (this.shape.kind !== "polygon") return;
    const [x, y] = this.aim;
    for (const line of [[[x - 2, y], [x + 2, y]], [[x, y - 2], [x, y + 2]]]) {
      outline(this.svg, { kind: "polygon", points: /** @type {Point[]} */ (line) }, "aim", this.toStage);
    }
  }

  take() {
    const { shape } = this;
    if (shape.kind === "polygon" && shape.points.length < 3) {
      say(gettext("A polygon has at least three corners."));
      return;
    }
    this.cover.remove();
    this.options.drawn(asFragment(shape));
  }

  drop() {
    this.cover.remove();
    this.options.dropped?.();
  }

  listen() {
    this.cover.addEventListener("keydown", (event) => this.onKey(event));
    this.cover.addEventListener("pointerdown", (event) => this.onPointer(event));
    this.cover.addEventListener("pointermove", (event) => this.onPointer(event));
    this.cover.addEventListener("pointerup", (event) => this.onPointer(event));
    this.cover.addEventListener("pointercancel", () => (this.from = null));
    this.cover.addEventListener("dblclick", () => this.shape.kind === "polygon" && this.take());
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    /** @type {Record<string, Point>} */
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (way) this.move(way, event.ctrlKey || event.metaKey ? FINE : STEP, event.shiftKey);
    else if (event.key === "Enter") this.take();
    else if (event.key === "Escape") this.drop();
    else if (event.key === " ") this.corner(this.aim);
    else if (event.key === "Backspace") this.uncorner();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Point} way @param {number} step @param {boolean} sizes */
  move([dx, dy], step, sizes) {
    const { shape } = this;
    if (shape.kind === "polygon") this.aim = [within(this.aim[0] + dx * step), within(this.aim[1] + dy * step)];
    else if (sizes) {
      shape.width = Math.min(100 - shape.left, Math.max(SMALLEST, shape.width + dx * step));
      shape.height = Math.min(100 - shape.top, Math.max(SMALLEST, shape.height + dy * step));
    } else {
      shape.left = Math.min(100 - shape.width, Math.max(0, shape.left + dx * step));
      shape.top = Math.min(100 - shape.height, Math.max(0, shape.top + dy * step));
    }
    this.moved();
  }

  /** @param {Point} place */
  corner(place) {
    const { shape } = this;
    if (shape.kind !== "polygon") return;
    const last = shape.points.at(-1);
    if (last && last[0] === place[0] && last[1] === place[1]) return;
    if (shape.points.length < CORNERS_AT_MOST) shape.points.push([...place]);
    this.moved();
  }

  uncorner() {
    if (this.shape.kind === "polygon") this.shape.points.pop();
    this.moved();
  }

  moved() {
    this.refresh();
    this.options.changed?.(asFragment(this.shape));
    say(this.inWords());
  }

  inWords() {
    const { shape } = this;
    const round = (/** @type {number} */ value) => String(Math.round(value * 10) / 10);
    if (shape.kind === "polygon") {
      return filled(gettext("{count} corners. Cross at {x} from the left, {y} from the top, in per cent."), {
        count: shape.points.length,
        x: round(this.aim[0]),
        y: round(this.aim[1]),
      });
    }
    return filled(gettext("Box: {left} from the left, {top} from the top, {width} wide, {height} high, in per cent."), {
      left: round(shape.left),
      top: round(shape.top),
      width: round(shape.width),
      height: round(shape.height),
    });
  }

  /** @param {PointerEvent} event */
  onPointer(event) {
    if (event.type === "pointermove" && !this.from && this.shape.kind === "box") return;
    if (event.type === "pointerdown" && event.button !== 0) return;
    const here = this.at(event);
    if (this.shape.kind === "polygon") {
      this.aim = here;
      if (event.type === "pointerdown") this.corner(here);
      this.refresh();
      return;
    }
    if (event.type === "pointerdown") {
      this.from = here;
      this.cover.setPointerCapture(event.pointerId);
    }
    if (this.from) this.span(this.from, here);
    if (event.type !== "pointerup") return;
    this.from = null;
    if (this.shape.width > SMALLEST && this.shape.height > SMALLEST) this.take();
  }

  /** @param {PointerEvent} event @returns {Point} */
  at(event) {
    const box = this.stage.getBoundingClientRect();
    const [x, y] = this.options.toPicture
      ? this.options.toPicture(event.clientX, event.clientY)
      : [((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100];
    return [within(x), within(y)];
  }

  /** @param {Point} from @param {Point} to */
  span(from, to) {
    const left = Math.min(from[0], to[0]);
    const top = Math.min(from[1], to[1]);
    this.shape = { kind: "box", left, top, width: Math.max(Math.abs(to[0] - from[0]), SMALLEST), height: Math.max(Math.abs(to[1] - from[1]), SMALLEST) };
    if (left + this.shape.width > 100) this.shape.left = 100 - this.shape.width;
    if (top + this.shape.height > 100) this.shape.top = 100 - this.shape.height;
    this.refresh();
    this.options.changed?.(asFragment(this.shape));
  }
}
