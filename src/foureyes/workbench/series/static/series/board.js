// @ts-check
/** Choosing series on the board and doing things to them, by keyboard and by buttons. Decides nothing itself. */

import { isCovered, isTyping, openDialog, say, walk } from "../pages/keys.js";
import { filled, ngettext } from "../pages/words.js";

const rows = document.getElementById("rows");
const count = document.getElementById("chosen-count");

/** @returns {HTMLInputElement[]} */
const boxes = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#rows .choose input"))];

/** Box of the row that has the focus. @returns {HTMLInputElement | null} */
function current() {
  const row = document.activeElement?.closest("#rows tr");
  return row ? row.querySelector(".choose input") : null;
}

/** Values of the chosen rows, else of the one that is stood on. @returns {string[]} */
function chosen() {
  const marked = boxes().filter((box) => box.checked);
  const here = current();
  return (marked.length > 0 || here === null ? marked : [here]).map((box) => box.value);
}

/** @param {number} n */
const howMany = (n) => filled(ngettext("{n} chosen", "{n} chosen", n), { n });

function tell() {
  for (const box of boxes()) box.closest("tr")?.classList.toggle("chosen", box.checked);
  if (!count) return;
  const marked = boxes().filter((box) => box.checked).length;
  count.textContent = marked === 0 ? (count.dataset.none ?? "") : howMany(marked);
}

/** Opens the dialog of an action, or sends it where nothing is to be asked. @param {string} act */
function begin(act) {
  const series = chosen();
  if (series.length === 0) {
    say(count?.dataset.none ?? "");
    return;
  }
  const place = document.getElementById(act === "take" ? "take" : `act-${act}`);
  if (place === null) return;
  for (const field of place.querySelectorAll('input[name="series"]')) /** @type {HTMLInputElement} */ (field).value = series.join(" ");
  if (place instanceof HTMLFormElement) {
    /** @type {HTMLInputElement} */ (place.querySelector('input[name="series"]')).value = series.join(" ");
    place.requestSubmit();
    return;
  }
  const told = place.querySelector("[data-chosen]");
  if (told) told.textContent = howMany(series.length);
  openDialog(place.id);
}

/** Chooses or drops the row that is stood on, and goes on in a direction. @param {number} step */
function reach(step) {
  const here = current();
  if (here) here.checked = true;
  walk(step);
  const next = current();
  if (next) next.checked = true;
  tell();
}

/** @type {Record<string, string>} */
const ACTS = { t: "take", s: "state", e: "next-step", i: "identified", p: "place", a: "assign" };
/** @type {Record<string, () => void>} */
const KEYS = {
  x: () => {
    const here = current();
    if (here) here.checked = !here.checked;
    else walk(1);
  },
  J: () => reach(1),
  K: () => reach(-1),
  "*": () => {
    const all = boxes();
    const every = all.every((box) => box.checked);
    for (const box of all) box.checked = !every;
  },
  Escape: () => {
    for (const box of boxes()) box.checked = false;
  },
  v: () => document.getElementById("turn-view")?.click(),
  z: () => /** @type {HTMLFormElement | null} */ (document.getElementById("undo"))?.requestSubmit(),
};

let going = false;

document.addEventListener(
  "keydown",
  (event) => {
    const afterG = going;
    going = event.key === "g" && !isTyping(event);
    if (afterG || isCovered() || event.ctrlKey || event.metaKey || event.altKey) return;
    const onBox = event.target instanceof HTMLInputElement && event.target.type === "checkbox";
    if (isTyping(event) && !onBox) return;
    const act = ACTS[event.key];
    const other = KEYS[event.key];
    if (act !== undefined && document.querySelector(`[data-act="${act}"]`)) begin(act);
    else if (other !== undefined) other();
    else return;
    tell();
    event.preventDefault();
  },
  true,
);
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => begin(/** @type {HTMLElement} */ (button).dataset.act ?? ""));
}
rows?.addEventListener("change", tell);
tell();
