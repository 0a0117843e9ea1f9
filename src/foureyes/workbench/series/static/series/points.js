// @ts-check
/**
 * Matched points drawn over the pictures of compare: numbered rings in turn of four shapes and eight colours, and lines
 * between two pictures side by side. They lie on a canvas of their own above the panes, covered or not, and hold no
 * pixel of a picture.
 */

/** @typedef {import("../library/pane.js").Pane} Pane */
/** @typedef {{ x: number, y: number }} Spot in CSS pixels of the overlay */
/**
 * @typedef {object} Matched what is known of two panes, by their numbers
 * @property {number} first
 * @property {number} second
 * @property {string} state
 * @property {string} words
 * @property {[number, number, number, number][]} points
 * @property {string} elsewhere
 */

/** Okabe and Ito: told apart by colour-blind eyes too; the shape tells as well. */
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#ffffff"];
const HALF = 6;

/** The overlay. */
export class Points {
  /**
   * @param {HTMLElement} root which holds the panes
   * @param {Pane[]} panes
   * @param {import("./stage.js").Stage} stage
   * @param {() => Matched | undefined} now the pair that is looked at
   */
  constructor(root, panes, stage, now) {
    this.root = root;
    this.panes = panes;
    this.stage = stage;
    this.now = now;
    this.on = true;
    this.due = false;
    this.canvas = /** @type {HTMLCanvasElement} */ (root.querySelector("canvas[data-points]"));
    root.addEventListener("painted", () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(root);
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
    const [width, height] = [this.root.clientWidth, this.root.clientHeight];
    Object.assign(this.canvas, { width: Math.round(width * pixels), height: Math.round(height * pixels) });
    const context = this.canvas.getContext("2d");
    const pair = this.on ? this.now() : undefined;
    const points = pair?.points ?? [];
    this.canvas.dataset.points = String(points.length);
    if (!context || !pair || points.length === 0) return;
    context.scale(pixels, pixels);
    const [first, second] = [this.panes[pair.first - 1], this.panes[pair.second - 1]];
    const ends = points.map(([x, y, u, v]) => this.stage.how ? [this.onStage(first, x, y), this.onStage(second, u, v)] : [this.onPane(first, x, y), this.onPane(second, u, v)]);
    if (!this.stage.how) for (const [at, [from, to]] of ends.entries()) if (from && to) line(context, from, to, COLOURS[at % COLOURS.length]);
    const sides = this.stage.how === "flicker" ? [this.stage.first ? 0 : 1] : [0, 1];
    let drawn = 0;
    for (const [at, pairOfEnds] of ends.entries()) {
      for (const side of sides) {
        const spot = pairOfEnds[side];
        if (spot) ring(context, spot, at);
        drawn += spot ? 1 : 0;
      }
    }
    this.canvas.dataset.drawn = String(drawn);
  }

  /** @param {Pane} pane @param {number} x @param {number} y */
  onPane(pane, x, y) {
    return this.within(pane.canvas, pane.place(x, y));
  }

  /** @param {Pane} pane @param {number} x @param {number} y */
  onStage(pane, x, y) {
    const { canvas } = this.stage;
    return this.within(canvas, pane.place(x, y, { width: canvas.width, height: canvas.height }));
  }

  /** A spot of a canvas as one of the overlay; null where it is out of sight. @param {HTMLCanvasElement} canvas @param {Spot} spot @returns {Spot | null} */
  within(canvas, spot) {
    const box = canvas.getBoundingClientRect();
    if (box.width === 0 || spot.x < 0 || spot.y < 0 || spot.x > canvas.width || spot.y > canvas.height) return null;
    const home = this.canvas.getBoundingClientRect();
    return { x: box.left - home.left + (spot.x * box.width) / canvas.width, y: box.top - home.top + (spot.y * box.height) / canvas.height };
  }
}

/** @param {CanvasRenderingContext2D} context @param {Spot} from @param {Spot} to @param {string} colour */
function line(context, from, to, colour) {
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.strokeStyle = colour;
  context.stroke();
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Spot} spot @param {number} at */
function ring(context, spot, at) {
  context.beginPath();
  if (at % 4 === 0) context.arc(spot.x, spot.y, HALF, 0, 2 * Math.PI);
  else if (at % 4 === 1) context.rect(spot.x - HALF, spot.y - HALF, 2 * HALF, 2 * HALF);
  else outline(context, spot, at % 4 === 2 ? [[0, -1.2], [1.2, 1], [-1.2, 1]] : [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]);
  context.lineWidth = 3.5;
  context.strokeStyle = "#000000";
  context.stroke();
  context.lineWidth = 1.7;
  context.strokeStyle = COLOURS[at % COLOURS.length];
  context.stroke();
  context.font = "600 10px sans-serif";
  context.lineWidth = 3;
  context.strokeStyle = "#000000";
  context.strokeText(String(at + 1), spot.x + HALF + 2, spot.y - 3);
  context.fillStyle = "#ffffff";
  context.fillText(String(at + 1), spot.x + HALF + 2, spot.y - 3);
}

/** @param {CanvasRenderingContext2D} context @param {Spot} spot @param {number[][]} corners */
function outline(context, spot, corners) {
  for (const [at, [x, y]] of corners.entries()) {
    const [to, on] = [spot.x + x * HALF, spot.y + y * HALF];
    if (at === 0) context.moveTo(to, on);
    else context.lineTo(to, on);
  }
  context.closePath();
}
