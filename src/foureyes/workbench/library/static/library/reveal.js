// @ts-check
/**
 * Reveals media: asks the server, which records it, and draws the sharp thumbnail until it is covered again.
 * Nothing sharp is kept: covering drops the picture, and revealing again is recorded again.
 */

import { isCovered, isTyping, say } from "../pages/keys.js";
import { gettext, ngettext } from "../pages/words.js";
import { rest } from "./breaks.js";
import { Looking } from "./looking.js";
import { split } from "./previews.js";
import "./viewing.js";

export const AT_MOST = 48;

/** One press of a key: sent twice by accident, it counts once. */
function requestKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The server's own words for why nothing is revealed. */
class Refused extends Error {}

let noticed = false;

/** Says once on this page that the cap of the day comes near. @param {string} notice */
function mention(notice) {
  if (notice && !noticed) say(notice);
  noticed ||= notice !== "";
}

/**
 * @typedef {object} Answer
 * @property {string} batch link to the thumbnails of `order` in one answer
 * @property {string[]} order
 * @property {string[]} settled marks that stay covered
 * @property {string} said
 * @property {string} notice
 */

/** Asks for links to sharp thumbnails. @param {string[]} marks @param {string} series @param {boolean} settled asked for by name @returns {Promise<Answer>} */
async function askFor(marks, series, settled) {
  const response = await fetch("/media/reveal/", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf ?? "" },
    body: JSON.stringify({ media: marks, series, key: requestKey(), settled }),
    redirect: "error",
  });
  const capped = response.status === 429;
  if (!response.ok && !capped) throw new Error("refused");
  const answer = await response.json();
  const count = document.querySelector("[data-seen-today]");
  if (count) count.textContent = String(answer.seen_today);
  if (capped && answer.break) rest(answer.break.until, answer.message, answer.break.may_put_off);
  if (capped) throw new Refused(answer.message);
  mention(answer.notice);
  return answer;
}

/**
 * @typedef {object} Stage
 * @property {() => string[]} targets marks that a key would reveal now
 * @property {(mark: string, bitmap: ImageBitmap) => void} show draws the sharp picture
 * @property {(mark: string) => void} cover draws the preview again
 * @property {string} series id of the series that is looked at, or ""
 */

/** Holds which media are revealed now, and listens to the keys. */
export class Revealer {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** Wanted marks: `held` while a key is down, `kept` until toggled. @type {Set<string>} */
    this.held = new Set();
    /** @type {Set<string>} */
    this.kept = new Set();
    /** @type {Map<string, ImageBitmap>} */
    this.bitmaps = new Map();
    /** Settled media that the officer was told of: asked for alone again, they are shown. @type {Set<string>} */
    this.toldSettled = new Set();
    this.looking = new Looking(stage.series);
    this.listen();
  }

  /** @param {string} mark */
  wants(mark) {
    return this.held.has(mark) || this.kept.has(mark);
  }

  /** The sharp picture where the mark is revealed now. @param {string} mark */
  bitmap(mark) {
    return this.bitmaps.get(mark) ?? null;
  }

  /** What a key reveals now: no more than one request may. */
  targets() {
    const marks = this.stage.targets();
    if (marks.length > AT_MOST) {
      say(gettext("One press reveals at most 48: the first of those chosen."));
    }
    return marks.slice(0, AT_MOST);
  }

  hold() {
    const marks = this.targets();
    for (const mark of marks) this.held.add(mark);
    void this.fetch(marks);
  }

  release() {
    const marks = [...this.held];
    this.held.clear();
    this.coverUnwanted(marks);
  }

  toggle() {
    const marks = this.targets();
    const cover = marks.length > 0 && marks.every((mark) => this.kept.has(mark));
    for (const mark of marks) cover ? this.kept.delete(mark) : this.kept.add(mark);
    if (cover) this.coverUnwanted(marks);
    else void this.fetch(marks);
    if (marks.length >= AT_MOST) return;
    if (cover) say(gettext("Covered."));
    else say(ngettext("Revealed until you press T.", "Revealed until you press T, all of them.", marks.length));
  }

  coverAll() {
    this.held.clear();
    this.kept.clear();
    this.coverUnwanted([...this.bitmaps.keys()]);
  }

  /** @param {string[]} marks */
  coverUnwanted(marks) {
    for (const mark of marks) {
      if (this.wants(mark)) continue;
      this.bitmaps.get(mark)?.close();
      this.bitmaps.delete(mark);
      this.stage.cover(mark);
    }
    this.looking.set(this.bitmaps.size > 0);
  }

  /** @param {string[]} marks */
  async fetch(marks) {
    const missing = marks.filter((mark) => !this.bitmaps.has(mark));
    if (missing.length === 0) return;
    try {
      const named = missing.length === 1 && this.toldSettled.has(missing[0]);
      const answer = await askFor(missing, this.stage.series, named);
      for (const mark of answer.settled) {
        this.toldSettled.add(mark);
        this.held.delete(mark);
        this.kept.delete(mark);
      }
      if (answer.said) say(answer.said);
      if (answer.batch) await this.load(answer.batch, answer.order);
    } catch (error) {
      for (const mark of missing) this.kept.delete(mark);
      const capped = error instanceof Refused;
      if (capped) this.coverAll();
      say(capped ? error.message : gettext("Not revealed: the server refused. You may be signed out: reload the page."));
    }
  }

  /** @param {string} link @param {string[]} order */
  async load(link, order) {
    const response = await fetch(link);
    if (!response.ok) throw new Error("no thumbnails");
    const pictures = split(await response.arrayBuffer());
    await Promise.all(order.map((mark, at) => this.show(mark, pictures[at])));
    this.looking.set(this.bitmaps.size > 0);
  }

  /** @param {string} mark @param {Uint8Array} bytes */
  async show(mark, bytes) {
    if (!this.wants(mark)) return;
    if (bytes.length === 0) {
      say(gettext("There is no picture of this one: it could not be decoded."));
      return;
    }
    const blob = new Blob([/** @type {BlobPart} */ (bytes)], { type: "image/jpeg" });
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (!bitmap || !this.wants(mark)) {
      bitmap?.close();
      return;
    }
    this.bitmaps.get(mark)?.close();
    this.bitmaps.set(mark, bitmap);
    this.stage.show(mark, bitmap);
  }

  listen() {
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("keyup", (event) => {
      if (event.key.toLowerCase() === "r" || event.key === " ") this.release();
      if (event.key.toLowerCase() === "m") document.body.classList.remove("unmasked");
    });
    // A key that is let go elsewhere never says so here: whoever leaves the page covers it.
    window.addEventListener("blur", () => this.release());
    document.addEventListener("visibilitychange", () => document.hidden && this.coverAll());
    const holder = document.querySelector("[data-hold]");
    holder?.addEventListener("pointerdown", () => this.hold());
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) holder?.addEventListener(end, () => this.release());
    holder?.addEventListener("contextmenu", (event) => event.preventDefault());
    holder?.addEventListener("keydown", (event) => {
      const pressed = /** @type {KeyboardEvent} */ (event);
      if ((pressed.key === " " || pressed.key === "Enter") && !pressed.repeat) this.hold();
    });
    holder?.addEventListener("keyup", () => this.release());
    document.querySelector("[data-toggle-reveal]")?.addEventListener("click", () => this.toggle());
    document.querySelector("button[data-colour]")?.addEventListener("click", toggleColour);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const key = event.key.toLowerCase();
    const onButton = key === " " && /** @type {Element} */ (event.target).closest("button, a, summary, [role=button]");
    if (isTyping(event) || isCovered() || onButton) return;
    if (key === "r" || key === " ") {
      event.preventDefault();
      if (!event.repeat) this.hold();
    } else if (key === "t" && !event.repeat) this.toggle();
    else if (key === "c" && !event.repeat) toggleColour();
    else if (key === "m") document.body.classList.add("unmasked");
  }
}

/** Revealed pictures are grey until colour is asked for; the choice ends with the page. */
function toggleColour() {
  const colour = document.body.classList.toggle("in-colour");
  document.querySelector("button[data-colour]")?.setAttribute("aria-pressed", String(colour));
  say(colour ? gettext("Revealed pictures are in colour.") : gettext("Revealed pictures are grey."));
}
