// @ts-check
/** Paints a timeline: lanes, a scale in UTC or local time as stated, signs, the marked stretch. Keeps no state. */

export const MARGIN = 12;
export const LANE_HEIGHT = 44;
export const TOP = 26;
const FOOT = 6;
const STEPS = [1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 604800, 2592000, 7776000, 31536000, 157680000, 315360000];
const APART = 110; // pixels between two labels

/** Seconds in words: `2019-07-03 14:05:30`. @param {number} seconds */
export function words(seconds) {
  const when = new Date(seconds * 1000);
  return Number.isNaN(when.getTime()) ? String(seconds) : when.toISOString().slice(0, 19).replace("T", " ");
}

/** @param {import("./timeline.js").Timeline} timeline */
export function draw(timeline) {
  const { canvas, stage, data } = timeline;
  const width = stage.clientWidth;
  const height = TOP + data.lanes.length * LANE_HEIGHT + FOOT;
  const dense = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(dense, dense);
  const colour = colours(stage);
  pen.font = `12px ${window.getComputedStyle(stage).fontFamily}`;
  scale(timeline, pen, colour, width, height);
  stretch(timeline, pen, colour, height);
  lanes(timeline, pen, colour, width);
  signs(timeline, pen, colour);
}

/** @param {HTMLElement} stage */
function colours(stage) {
  const style = window.getComputedStyle(stage);
  const named = ["line", "text", "dim", "link", "bad", "chosen", "focus", "surface"];
  return Object.fromEntries(named.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** @typedef {Record<string, string>} Colours */

/** @param {import("./timeline.js").Timeline} timeline @param {CanvasRenderingContext2D} pen @param {Colours} colour @param {number} width @param {number} height */
function scale(timeline, pen, colour, width, height) {
  const [from, to] = timeline.view;
  const least = ((to - from) * APART) / width;
  const step = STEPS.find((one) => one >= least) ?? STEPS[STEPS.length - 1];
  pen.textAlign = "center";
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const x = timeline.xOf(at);
    pen.fillStyle = colour.line;
    pen.fillRect(x, TOP - 6, 1, height - TOP);
    pen.fillStyle = colour.dim;
    const text = words(at);
    pen.fillText(step < 86400 ? text.slice(5, 16) : text.slice(0, 10), Math.min(Math.max(x, 40), width - 40), 13);
  }
}

/** @param {import("./timeline.js").Timeline} timeline @param {CanvasRenderingContext2D} pen @param {Colours} colour @param {number} height */
function stretch(timeline, pen, colour, height) {
  if (!timeline.marked) return;
  const [from, to] = timeline.marked.map((seconds) => timeline.xOf(seconds));
  pen.fillStyle = colour.chosen;
  pen.fillRect(from - 4, TOP - 4, to - from + 8, height - TOP);
}

/** @param {import("./timeline.js").Timeline} timeline @param {CanvasRenderingContext2D} pen @param {Colours} colour @param {number} width */
function lanes(timeline, pen, colour, width) {
  pen.textAlign = "start";
  for (const [lane, name] of timeline.data.lanes.entries()) {
    const y = TOP + lane * LANE_HEIGHT;
    pen.fillStyle = colour.line;
    pen.fillRect(0, y + LANE_HEIGHT - 1, width, 1);
    pen.fillStyle = colour.dim;
    pen.fillText(name, MARGIN, y + 14);
  }
}

/** @param {import("./timeline.js").Timeline} timeline @param {CanvasRenderingContext2D} pen @param {Colours} colour */
function signs(timeline, pen, colour) {
  const open = new Set(timeline.data.open);
  const painted = new Set();
  for (const [at, [, lane, seconds, doubts]] of timeline.moments.entries()) {
    const x = Math.round(timeline.xOf(seconds));
    const doubted = doubts.some((each) => !open.has(each));
    const form = doubted ? "doubted" : doubts.length > 0 ? "open" : "sure";
    const here = at === timeline.current;
    const key = `${x} ${lane} ${form}`;
    if (painted.has(key) && !here) continue; // thousands of signs on one pixel look as one
    painted.add(key);
    sign(pen, colour, x, TOP + lane * LANE_HEIGHT + 28, form);
    if (here) ring(pen, colour, x, TOP + lane * LANE_HEIGHT + 28);
  }
}

/** Forms differ as well as colours. @param {CanvasRenderingContext2D} pen @param {Colours} colour @param {number} x @param {number} y @param {string} form */
function sign(pen, colour, x, y, form) {
  pen.lineWidth = 2;
  pen.strokeStyle = form === "doubted" ? colour.bad : colour.link;
  pen.fillStyle = pen.strokeStyle;
  pen.beginPath();
  if (form === "doubted") {
    pen.moveTo(x - 5, y - 5);
    pen.lineTo(x + 5, y + 5);
    pen.moveTo(x + 5, y - 5);
    pen.lineTo(x - 5, y + 5);
    pen.stroke();
    return;
  }
  pen.arc(x, y, 4, 0, 2 * Math.PI);
  if (form === "sure") pen.fill();
  else pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {Colours} colour @param {number} x @param {number} y */
function ring(pen, colour, x, y) {
  pen.strokeStyle = colour.focus;
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.arc(x, y, 9, 0, 2 * Math.PI);
  pen.stroke();
}
