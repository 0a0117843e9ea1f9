// @ts-check
/**
 * The timeline of a series: every time as a sign on its lane, with zoom and a marked stretch, by mouse and keys.
 * Times are drawn as the server gives them; which are doubtful is decided there (`series/moments.py`).
 */

import { filled, ngettext } from "../pages/words.js";
import { bindButtons, choose, dataOf, whenThere } from "./choose.js";
import { draw, LANE_HEIGHT, MARGIN, TOP, words } from "./timeline_drawing.js";

/** @typedef {[number, number, number, number[]]} Moment index of the media, lane, seconds, doubts */
/** @typedef {{ series: string, marks: string[], lanes: string[], doubts: string[], open: number[], moments: Moment[] }} Data */

const NEAREST = 60; // seconds across the whole width: clocks state no less in most files

/** One timeline on a page. */
export class Timeline {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {Data} */
    this.data = dataOf(place, "timeline-data");
    this.page = place.dataset.page ?? "";
    this.stage = /** @type {HTMLElement} */ (place.querySelector(".timeline"));
    this.canvas = /** @type {HTMLCanvasElement} */ (this.stage.querySelector("canvas"));
    this.told = /** @type {HTMLElement} */ (place.querySelector("#timeline-told"));
    this.moments = [...this.data.moments].sort((a, b) => a[2] - b[2] || a[1] - b[1]);
    this.current = 0;
    /** Ends of the marked stretch, in seconds. @type {[number, number] | null} */
    this.marked = null;
    this.all = this.span();
    /** Seconds at both edges. @type {[number, number]} */
    this.view = [...this.all];
    this.bind();
    new ResizeObserver(() => this.paint()).observe(this.stage);
  }

  /** All times with some room on both sides. @returns {[number, number]} */
  span() {
    const first = this.moments[0][2];
    const last = this.moments[this.moments.length - 1][2];
    const room = Math.max((last - first) * 0.03, NEAREST);
    return [first - room, last + room];
  }

  paint() {
    draw(this);
  }

  /** @param {number} seconds */
  xOf(seconds) {
    const [from, to] = this.view;
    return MARGIN + ((seconds - from) / (to - from)) * (this.stage.clientWidth - 2 * MARGIN);
  }

  /** @param {number} x */
  secondsAt(x) {
    const [from, to] = this.view;
    return from + ((x - MARGIN) / (this.stage.clientWidth - 2 * MARGIN)) * (to - from);
  }

  /** Marks of the media in the marked stretch, or of the time that is stood on. */
  marks() {
    const [from, to] = this.marked ?? [this.moments[this.current][2], this.moments[this.current][2]];
    const inside = this.moments.filter(([, , seconds]) => seconds >= from && seconds <= to);
    return [...new Set(inside.map(([at]) => this.data.marks[at]))];
  }

  /** @param {number} factor 0 shows all @param {number} [around] */
  zoom(factor, around = this.moments[this.current][2]) {
    if (factor === 0) this.view = [...this.all];
    else {
      const [from, to] = this.view;
      const wanted = Math.max((to - from) * factor, NEAREST);
      const share = (around - from) / (to - from);
      const start = around - wanted * Math.min(Math.max(share, 0), 1);
      this.view = wanted >= this.all[1] - this.all[0] ? [...this.all] : [start, start + wanted];
    }
    this.paint();
  }

  /** Walks to another time; with `mark`, the stretch from where one stood grows. @param {number} aim @param {boolean} mark */
  goTo(aim, mark) {
    const before = this.moments[this.current][2];
    this.current = Math.min(Math.max(aim, 0), this.moments.length - 1);
    const here = this.moments[this.current][2];
    if (!mark) this.marked = null;
    else {
      const fixed = this.marked ? (this.marked[0] === before ? this.marked[1] : this.marked[0]) : before;
      this.marked = [Math.min(fixed, here), Math.max(fixed, here)];
    }
    const [from, to] = this.view;
    if (here < from || here > to) this.view = [here - (to - from) / 2, here + (to - from) / 2];
    this.tell();
    this.paint();
  }

  tell() {
    const [, lane, seconds, doubts] = this.moments[this.current];
    const count = this.marks().length;
    const why = doubts.map((each) => this.data.doubts[each]).join(", ");
    const chosen = filled(ngettext("{count} media marked.", "{count} media marked.", count), { count });
    this.told.textContent = [`${words(seconds)}, ${this.data.lanes[lane]}${why ? `: ${why}` : ""}.`, chosen].join(" ");
  }

  bind() {
    bindButtons(this.place, this.page);
    this.stage.addEventListener("keydown", (event) => this.onKey(event));
    this.stage.addEventListener("focus", () => this.tell());
    this.stage.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.stage.addEventListener("pointerdown", (event) => this.onPointer(event));
    for (const button of this.place.querySelectorAll("button[data-zoom]")) {
      button.addEventListener("click", () => this.zoom(Number(/** @type {HTMLElement} */ (button).dataset.zoom)));
    }
    this.place.querySelector("button[data-choose]")?.addEventListener("click", () => choose(this.page, this.marks()));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 50, PageUp: -50, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step !== undefined) this.goTo(this.current + step, event.shiftKey);
    else if (event.key === "+" || event.key === "=") this.zoom(0.5);
    else if (event.key === "-") this.zoom(2);
    else if (event.key === "0") this.zoom(0);
    else if (event.key === "Enter") choose(this.page, this.marks());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    event.preventDefault();
    this.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.secondsAt(event.offsetX));
  }

  /** Dragging marks a stretch; a click goes to the nearest time. @param {PointerEvent} event */
  onPointer(event) {
    if (event.button !== 0) return;
    const start = this.secondsAt(event.offsetX);
    this.stage.setPointerCapture(event.pointerId);
    /** @param {PointerEvent} moved */
    const move = (moved) => {
      const here = this.secondsAt(moved.offsetX);
      this.marked = [Math.min(start, here), Math.max(start, here)];
      this.paint();
    };
    const end = () => {
      this.stage.removeEventListener("pointermove", move);
      this.settle(start, event.offsetY);
    };
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("pointerup", end, { once: true });
  }

  /** After dragging: stands on the first time of the stretch, or on the one nearest to a click. @param {number} seconds @param {number} y */
  settle(seconds, y) {
    const lane = Math.floor((y - TOP) / LANE_HEIGHT);
    const [from, to] = this.marked ?? [seconds, seconds];
    const first = this.marked ? this.moments.findIndex((one) => one[2] >= from && one[2] <= to) : this.nearest(seconds, lane);
    if (first < 0) this.marked = null;
    else this.current = first;
    this.tell();
    this.paint();
  }

  /** @param {number} seconds @param {number} lane */
  nearest(seconds, lane) {
    let best = -1;
    for (const [at, one] of this.moments.entries()) {
      const nearer = best < 0 || Math.abs(one[2] - seconds) < Math.abs(this.moments[best][2] - seconds);
      if (one[1] === lane && (nearer || this.moments[best][1] !== lane)) best = at;
    }
    return best < 0 ? this.current : best;
  }
}

whenThere("[data-timeline]", (place) => {
  if (place.querySelector(".timeline")) new Timeline(place);
  else bindButtons(place, place.dataset.page ?? "");
});

