// @ts-check
/**
 * One canvas on which two pictures lie on each other, under the same view: one or the other by flicker, or their
 * difference. Paints what the panes have; keeps nothing of its own.
 */

import { filterOf } from "../library/look.js";

/** @typedef {import("../library/pane.js").Pane} Pane */

/** Where the first picture and the chosen one are set against each other. */
export class Stage {
  /** @param {HTMLCanvasElement} canvas @param {Pane} reference @param {() => import("../library/look.js").Look} look */
  constructor(canvas, reference, look) {
    this.canvas = canvas;
    this.reference = reference;
    this.second = reference;
    this.look = look;
    /** @type {"" | "flicker" | "difference"} */
    this.how = "";
    this.first = true;
    this.due = false;
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  /** @param {"" | "flicker" | "difference"} how */
  set(how) {
    this.how = how;
    this.first = true;
    this.clear();
    this.redraw();
  }

  /** Nothing sharp is kept. */
  clear() {
    this.canvas.width = this.canvas.height = 1;
    this.canvas.classList.remove("sharp");
    this.canvas.removeAttribute("data-complete");
  }

  /** The other one of the two. */
  swap() {
    this.first = !this.first;
    this.redraw();
  }

  redraw() {
    if (!this.how || this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.draw();
    });
  }

  draw() {
    const pixels = window.devicePixelRatio || 1;
    const room = {
      width: Math.max(1, Math.round(this.canvas.clientWidth * pixels)),
      height: Math.max(1, Math.round(this.canvas.clientHeight * pixels)),
    };
    Object.assign(this.canvas, room);
    const context = this.canvas.getContext("2d");
    if (!context) return;
    if (this.canvas.parentElement) this.canvas.parentElement.style.filter = filterOf(this.look());
    const revealed = this.reference.canvas.classList.contains("sharp") && this.second.canvas.classList.contains("sharp");
    this.canvas.classList.toggle("sharp", revealed);
    let whole;
    if (this.how === "difference" && revealed) whole = this.drawDifference(context, room);
    else whole = (this.first ? this.reference : this.second).paint(context, room);
    this.canvas.toggleAttribute("data-complete", whole);
    this.canvas.dispatchEvent(new CustomEvent("painted", { bubbles: true }));
    // Tiles come by and by, and tell only their own pane.
    if (!whole && revealed) setTimeout(() => this.redraw(), 100);
  }

  /** @param {CanvasRenderingContext2D} context @param {import("../library/look.js").Size} room */
  drawDifference(context, room) {
    const other = document.createElement("canvas");
    Object.assign(other, room);
    const above = other.getContext("2d");
    if (!above) return false;
    const wholeFirst = this.reference.paint(context, room);
    const wholeSecond = this.second.paint(above, room);
    context.globalCompositeOperation = "difference";
    context.drawImage(other, 0, 0);
    context.globalCompositeOperation = "source-over";
    return wholeFirst && wholeSecond;
  }
}
