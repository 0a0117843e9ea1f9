// @ts-check
/**
 * Asks the server for what is rendered of one media, and again until it is ready. The first question of a press
 * reveals: it is recorded and counted; the same key asked with again is not. Keeps nothing sharp itself.
 */

import { say } from "../pages/keys.js";
import { filled, gettext } from "../pages/words.js";

/**
 * @typedef {object} Ready what the server tells of finished material; which fields there are depends on its kind
 * @property {string} link
 * @property {number} width
 * @property {number} height
 * @property {number} full_width
 * @property {number} full_height
 * @property {number} side
 * @property {[number, number][]} grids
 * @property {boolean} partial
 * @property {number} seconds
 * @property {number} rate
 * @property {boolean} sound
 * @property {number} columns
 * @property {number[]} times
 */

const PAUSE_MS = 300;

/** The server's own words for why there is nothing to see. */
export class Refused extends Error {}

/** Whoever asked covered it meanwhile. */
export class Covered extends Error {}

let noticed = false;

/** One press of a key: sent twice, it counts once. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Reveals media by their thumbnails, which are at hand even where their originals are not: links by mark.
 * @param {string[]} marks
 * @param {string} series
 * @param {string} key
 * @returns {Promise<Record<string, string>>}
 */
export async function thumbnails(marks, series, key) {
  return (await post("/media/reveal/", { media: marks, series, key })).links;
}

/** @param {string} address @param {object} body */
async function post(address, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf ?? "" },
    body: JSON.stringify(body),
    redirect: "error",
  }).catch(() => null);
  const spoken = response?.headers.get("Content-Type")?.includes("json");
  if (!response || !spoken) throw new Refused(gettext("The server refused. You may be signed out, or this is gone: reload the page."));
  const answer = await response.json();
  const count = document.querySelector("[data-seen-today]");
  if (count && answer.seen_today !== undefined) count.textContent = String(answer.seen_today);
  if (!response.ok) throw new Refused(answer.message);
  if (answer.notice && !noticed) {
    noticed = true;
    say(answer.notice);
  }
  return answer;
}

/** One press of a key on one media. */
export class Opening {
  /** @param {string} mark @param {string} series @param {string} key */
  constructor(mark, series, key = newKey()) {
    this.mark = mark;
    this.series = series;
    this.key = key;
    this.over = false;
  }

  /** Ends what is waited for: the server ends the rendering soon after. */
  end() {
    this.over = true;
  }

  /**
   * Waits for one kind of material. Throws Refused with words, Covered where `end` was called meanwhile.
   * @param {"tiles" | "frame" | "outline" | "part"} what
   * @param {number} number
   * @param {(percent: number) => void} tell
   * @returns {Promise<Ready>}
   */
  async ready(what, number = 0, tell = () => {}) {
    for (;;) {
      const answer = await this.ask(what, number);
      if (this.over) throw new Covered();
      if (answer.state === "ready") return answer;
      if (answer.state === "failed") throw new Refused(answer.message);
      tell(answer.percent);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (this.over) throw new Covered();
    }
  }

  /** @param {string} what @param {number} number */
  ask(what, number) {
    return post(`/media/${this.mark}/open/`, { what, number, series: this.series, key: this.key });
  }
}

/** Words for how far a rendering is. @param {number} percent */
export function rendering(percent) {
  return percent > 0 ? filled(gettext("Rendering, {percent} %"), { percent }) : gettext("Rendering");
}
