// @ts-check
/**
 * The page of compare: several panes under one view. One pane is the chosen one; it is turned alone, and set against
 * the first by flicker and difference. Nothing here changes what is stored.
 */

import { Holding } from "../library/holding.js";
import { afterKey, fromAddress, intoAddress, onTop, setGamma } from "../library/look.js";
import { Pane, revealAll } from "../library/pane.js";
import { isCovered, isTyping, say } from "../pages/keys.js";
import { filled, gettext } from "../pages/words.js";
import { ComparingPoints } from "./comparing_points.js";
import { Stage } from "./stage.js";

/** @typedef {{ turn: number, mirror: number }} Own */

const root = /** @type {HTMLElement} */ (document.querySelector("[data-compare]"));
const canvases = [...document.querySelectorAll("canvas[data-pane]")].filter((it) => it instanceof HTMLCanvasElement);
const address = new URLSearchParams(location.search);
const aligned = canvases.map((canvas) => ownOf(canvas.dataset.turn ?? ""));
const own = ownsFromAddress() ?? aligned.map((one) => ({ ...(one ?? { turn: 0, mirror: 0 }) }));
let look = fromAddress(address);
let chosen = Math.min(Math.max(Number(address.get("chosen") ?? 2), 1), canvases.length) - 1;

const panes = canvases.map((canvas, at) => new Pane(canvas, () => onTop(look, own[at]), (next) => change({ ...look, x: next.x, y: next.y, zoom: next.zoom })));
const stage = new Stage(/** @type {HTMLCanvasElement} */ (document.querySelector("canvas[data-stage]")), panes[0], () => look);
const points = new ComparingPoints(root, panes, stage, () => chosen);
const holding = new Holding(
  () => void revealAll(panes, root.dataset.series ?? "", () => holding.wanted),
  () => {
    for (const pane of panes) pane.conceal();
    stage.clear();
    stage.redraw();
  },
);

/** @param {string} text as "quarters.mirrored" @returns {Own | null} */
function ownOf(text) {
  const found = /^([0-3])\.([01])$/.exec(text);
  return found ? { turn: Number(found[1]), mirror: Number(found[2]) } : null;
}

/** @returns {Own[] | null} */
function ownsFromAddress() {
  const owns = (address.get("own") ?? "").split(",").map(ownOf);
  return owns.length === canvases.length && owns.every((one) => one !== null) ? /** @type {Own[]} */ (owns) : null;
}

/** @param {import("../library/look.js").Look} next */
function change(next) {
  look = next;
  show();
}

/** Puts what is seen into the address, and draws it. */
function show() {
  intoAddress(look);
  const here = new URL(location.href);
  here.searchParams.set("own", own.map((one) => `${one.turn}.${one.mirror}`).join(","));
  here.searchParams.set("chosen", String(chosen + 1));
  if (stage.how) here.searchParams.set("how", stage.how);
  else here.searchParams.delete("how");
  history.replaceState(null, "", here);
  setGamma(look);
  for (const [at, pane] of panes.entries()) {
    pane.canvas.closest(".pane")?.classList.toggle("chosen", at === chosen);
    pane.redraw();
  }
  stage.second = panes[chosen];
  stage.redraw();
  points.show();
}

/** @param {number} at */
function choose(at) {
  if (at >= panes.length) return;
  chosen = at;
  const radio = document.getElementById(`chosen-${at + 1}`);
  if (radio instanceof HTMLInputElement) radio.checked = true;
  show();
  say(filled(gettext("Chosen: number {number}."), { number: at + 1 }));
}

/** @param {"flicker" | "difference"} how */
function against(how) {
  if (chosen === 0) choose(1);
  if (how === "flicker" && stage.how === "flicker") stage.swap();
  else stage.set(stage.how === how ? "" : how);
  root.dataset.how = stage.how;
  show();
  const number = chosen + 1;
  if (stage.how === "flicker") say(stage.first ? gettext("Flicker: the first.") : filled(gettext("Flicker: number {number}."), { number }));
  else if (stage.how) say(filled(gettext("Difference of the first and number {number}: black where they are equal."), { number }));
  else say(gettext("Side by side."));
}

function sideBySide() {
  stage.set("");
  root.dataset.how = "";
  show();
  say(gettext("Side by side."));
}

function align() {
  const known = aligned[chosen];
  if (!known) {
    say(gettext("It is not known how this one lies on the first."));
    return;
  }
  own[chosen] = { ...known };
  show();
  say(gettext("Turned as the first one is."));
}

/** @param {string} key */
function turnChosen(key) {
  const mine = own[chosen];
  if (key === "m") mine.mirror = 1 - mine.mirror;
  else mine.turn = (mine.turn + (key === "]" ? 1 : 3)) % 4;
  show();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  x: () => against("flicker"),
  d: () => against("difference"),
  Escape: sideBySide,
  a: align,
  "[": () => turnChosen("["),
  "]": () => turnChosen("]"),
  m: () => turnChosen("m"),
  ...points.keys,
};
for (let at = 0; at < 6; at += 1) KEYS[String(at + 1)] = () => choose(at);

/** @param {string} key */
function press(key) {
  if (KEYS[key]) {
    KEYS[key]();
    return true;
  }
  const next = afterKey(look, key);
  if (!next) return false;
  if (key === "Backspace") for (const [at, one] of aligned.entries()) own[at] = { ...(one ?? { turn: 0, mirror: 0 }) };
  change(next);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || isCovered()) return;
  if (press(event.key)) event.preventDefault();
});
for (const button of document.querySelectorAll("button[data-press]")) {
  button.addEventListener("click", () => press(/** @type {HTMLElement} */ (button).dataset.press ?? ""));
}
for (const radio of document.querySelectorAll("input[name=chosen]")) {
  radio.addEventListener("change", () => choose(Number(/** @type {HTMLInputElement} */ (radio).value) - 1));
}
root.addEventListener("revealed", () => stage.redraw());
stage.set(/** @type {"" | "flicker" | "difference"} */ (["flicker", "difference"].includes(address.get("how") ?? "") ? address.get("how") : ""));
root.dataset.how = stage.how;
choose(chosen);
