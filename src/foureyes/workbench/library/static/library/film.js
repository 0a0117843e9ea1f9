// @ts-check
/**
 * The page of a film: covered, then a strip of frames, then a player that stands still and is silent until a key says
 * otherwise. Where it stands, and its two marks, are in the address.
 */

import { isCovered, isTyping, say } from "../pages/keys.js";
import { filled, gettext } from "../pages/words.js";
import { Holding } from "./holding.js";
import { Covered, Opening, rendering } from "./opening.js";
import { Parts } from "./parts.js";
import { Strip } from "./strip.js";

/** @param {string} name */
const piece = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-${name}]`));

const root = piece("film");
const video = /** @type {HTMLVideoElement} */ (piece("video"));
const slider = /** @type {HTMLInputElement} */ (piece("moment"));
const status = piece("status");
const place = piece("place");
const asked = new URLSearchParams(location.search);
const SPEEDS = [0.1, 0.25, 0.5, 1, 1.5, 2, 4];

/** Marks and place in seconds; null where there is none. @type {Record<"from" | "to" | "t", number | null>} */
const at = { from: secondsOf("from"), to: secondsOf("to"), t: secondsOf("t") };
/** @type {Opening | null} */
let opening = null;
let speed = 1;

const parts = new Parts(
  video,
  Number(root.dataset.partSeconds),
  (percent) => (status.textContent = percent === null ? "" : rendering(percent)),
  tell,
);
const strip = new Strip(piece("strip"), (seconds) => void parts.goTo(seconds).then(remember));
const holding = new Holding(() => void reveal(), cover, false);

/** @param {"from" | "to" | "t"} name */
function secondsOf(name) {
  const value = Number.parseFloat(asked.get(name) ?? "");
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** @param {string} words */
function tell(words) {
  status.textContent = words;
  say(words);
}

async function reveal() {
  opening = new Opening(root.dataset.mark ?? "", root.dataset.series ?? "");
  const mine = opening;
  status.textContent = rendering(0);
  try {
    const told = await mine.ready("outline", 0, (percent) => (status.textContent = rendering(percent)));
    await strip.show(told);
    if (mine.over) return strip.clear();
    piece("sound").hidden = !told.sound;
    slider.max = String(told.seconds);
    parts.open(mine, told.seconds);
    root.classList.add("open");
    await parts.goTo(at.t ?? 0);
    showPlace();
  } catch (error) {
    if (!(error instanceof Covered)) tell(error instanceof Error ? error.message : gettext("It could not be shown."));
  }
}

function cover() {
  opening?.end();
  opening = null;
  parts.close();
  strip.clear();
  video.muted = true;
  root.classList.remove("open");
  status.textContent = "";
}

function showPlace() {
  const words = [
    filled(gettext("{now} s of {all} s"), { now: parts.now.toFixed(2), all: parts.seconds.toFixed(2) }),
    filled(gettext("speed {speed}"), { speed }),
  ];
  if (at.from !== null) words.push(filled(gettext("from {moment} s"), { moment: at.from.toFixed(2) }));
  if (at.to !== null) words.push(filled(gettext("to {moment} s"), { moment: at.to.toFixed(2) }));
  words.push(video.muted ? gettext("silent") : gettext("with sound"));
  place.textContent = words.join(", ");
  slider.value = String(parts.now);
}

/** Keeps place and marks in the address. */
function remember() {
  if (opening) at.t = parts.now;
  const address = new URL(location.href);
  for (const name of /** @type {("from" | "to" | "t")[]} */ (["from", "to", "t"])) {
    const value = at[name];
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value.toFixed(3));
  }
  history.replaceState(null, "", address);
  handOver();
  showPlace();
}

/** A clue is marked from mark to mark, else at the moment that is shown. */
function handOver() {
  const link = /** @type {HTMLAnchorElement} */ (piece("clue"));
  const address = new URL(link.href);
  for (const name of /** @type {("from" | "to")[]} */ (["from", "to"])) {
    const value = at[name] ?? (at.from === null && at.to === null ? at.t : null);
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value.toFixed(3));
  }
  address.searchParams.set("back", location.pathname + location.search);
  link.href = address.href;
}

/** @param {"from" | "to"} name */
function mark(name) {
  const moment = parts.now;
  at[name] = at[name] !== null && Math.abs(/** @type {number} */ (at[name]) - moment) < 1e-3 ? null : moment;
  if (at.from !== null && at.to !== null && at.from > at.to) [at.from, at.to] = [at.to, at.from];
  remember();
  const words = name === "from" ? gettext("Marked from {moment} s.") : gettext("Marked to {moment} s.");
  say(at[name] === null ? gettext("The mark is gone.") : filled(words, { moment: moment.toFixed(2) }));
}

/** @param {number} step */
function faster(step) {
  speed = SPEEDS[Math.min(Math.max(SPEEDS.indexOf(speed) + step, 0), SPEEDS.length - 1)];
  video.playbackRate = speed;
  showPlace();
  say(filled(gettext("Speed {speed}."), { speed }));
}

function sound() {
  video.muted = !video.muted;
  showPlace();
  say(video.muted ? gettext("Silent.") : gettext("Sound is on."));
}

function playOrPause() {
  if (video.paused) void video.play().catch(() => tell(gettext("The browser does not play it.")));
  else video.pause();
}

function zoomIn() {
  location.assign(`${root.dataset.zoom}?t=${parts.now.toFixed(3)}`);
}

/** @type {Record<string, () => unknown>} */
const KEYS = {
  " ": playOrPause,
  ",": () => parts.step(-1),
  ".": () => parts.step(1),
  ArrowLeft: () => parts.goTo(parts.now - 5),
  ArrowRight: () => parts.goTo(parts.now + 5),
  ArrowDown: () => parts.goTo(parts.now - 30),
  ArrowUp: () => parts.goTo(parts.now + 30),
  Home: () => parts.goTo(0),
  End: () => parts.goTo(parts.seconds),
  "<": () => faster(-1),
  ">": () => faster(1),
  i: () => mark("from"),
  o: () => mark("to"),
  s: sound,
  z: zoomIn,
};
handOver();

/** @param {string} key */
function press(key) {
  const action = KEYS[key];
  if (!action) return false;
  if (!holding.wanted) say(gettext("It is covered: press T to reveal it first."));
  else if (parts.part < 0) say(gettext("It is not rendered yet."));
  else action();
  return true;
}

document.addEventListener("keydown", (event) => {
  const onButton = event.key === " " && /** @type {Element} */ (event.target).closest("button, a, summary");
  if (isTyping(event) || isCovered() || onButton) return;
  if (event.key === "a") piece("clue").click();
  else if (!press(event.key)) return;
  event.preventDefault();
});
for (const button of document.querySelectorAll("button[data-press]")) {
  button.addEventListener("click", () => press(/** @type {HTMLElement} */ (button).dataset.press ?? ""));
}
slider.addEventListener("change", () => {
  void parts.goTo(Number(slider.value));
  slider.blur();
});
for (const name of ["seeked", "pause", "play"]) video.addEventListener(name, remember);
video.addEventListener("timeupdate", showPlace);
video.addEventListener("volumechange", showPlace);
