// @ts-check
/**
 * Reveals media: asks the server, which records it, and draws the sharp thumbnail until it is covered again.
 * Nothing sharp is kept: covering drops the picture, and revealing again is recorded again.
 */

import { isCovered, isTyping, say } from "../pages/keys.js";

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

/** Asks for links to sharp thumbnails. @param {string[]} marks @param {string} series @returns {Promise<Record<string, string>>} */
async function askFor(marks, series) {
  const response = await fetch("/media/reveal/", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf ?? "" },
    body: JSON.stringify({ media: marks, series, key: requestKey() }),
    redirect: "error",
  });
  const capped = response.status === 429;
  if (!response.ok && !capped) throw new Error("refused");
  const answer = await response.json();
  const count = document.querySelector("[data-seen-today]");
  if (count) count.textContent = String(answer.seen_today);
  if (capped) throw new Refused(answer.message);
  mention(answer.notice);
  return answer.links;
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
    if (marks.length > AT_MOST) say(`One press reveals at most ${AT_MOST}: the first ${AT_MOST} of ${marks.length} chosen.`);
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
    if (marks.length < AT_MOST) say(cover ? "Covered." : `${marks.length === 1 ? "Revealed" : `${marks.length} revealed`} until you press T.`);
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
  }

  /** @param {string[]} marks */
  async fetch(marks) {
    const missing = marks.filter((mark) => !this.bitmaps.has(mark));
    if (missing.length === 0) return;
    try {
      const links = await askFor(missing, this.stage.series);
      await Promise.all(missing.map((mark) => this.load(mark, links[mark])));
    } catch (error) {
      for (const mark of missing) this.kept.delete(mark);
      const capped = error instanceof Refused;
      say(capped ? error.message : "Not revealed: the server refused. You may be signed out: reload the page.");
    }
  }

  /** @param {string} mark @param {string | undefined} link */
  async load(mark, link) {
    const response = link ? await fetch(link) : null;
    if (!response?.ok) {
      if (this.wants(mark)) say("There is no picture of this one: it could not be decoded.");
      return;
    }
    const bitmap = await createImageBitmap(await response.blob());
    if (!this.wants(mark)) {
      bitmap.close();
      return;
    }
    this.bitmaps.set(mark, bitmap);
    this.stage.show(mark, bitmap);
  }

  listen() {
    document.addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase();
      const onButton = key === " " && /** @type {Element} */ (event.target).closest("button, a, summary, [role=button]");
      if (isTyping(event) || isCovered() || onButton) return;
      if (key === "r" || key === " ") {
        event.preventDefault();
        if (!event.repeat) this.hold();
      } else if (key === "t" && !event.repeat) this.toggle();
      else if (key === "c" && !event.repeat) toggleColour();
    });
    document.addEventListener("keyup", (event) => {
      if (event.key.toLowerCase() === "r" || event.key === " ") this.release();
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
    document.querySelector("[data-colour]")?.addEventListener("click", toggleColour);
  }
}

/** Revealed pictures are grey until colour is asked for; the choice ends with the page. */
function toggleColour() {
  const colour = document.body.classList.toggle("in-colour");
  document.querySelector("[data-colour]")?.setAttribute("aria-pressed", String(colour));
  say(colour ? "Revealed pictures are in colour." : "Revealed pictures are grey.");
}
