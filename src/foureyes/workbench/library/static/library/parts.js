// @ts-check
/**
 * A film that plays in parts: which part a moment lies in, which frame is shown, how to come to the next. The player
 * is one muted video element; another part is put into it when it is needed, the next one is asked for ahead.
 */

import { gettext } from "../pages/words.js";
import { Covered } from "./opening.js";

/** @typedef {import("./opening.js").Opening} Opening */
/** @typedef {import("./opening.js").Ready} Ready */

/** Share of a part after which the next one is asked for. */
const AHEAD = 0.6;
/** Seconds into a frame at which it is surely shown. */
const INTO = 0.0006;
const RELINK_MS = 3_000;

/** Moments of a film, in seconds of the whole, over a player that knows one part. */
export class Parts {
  /**
   * @param {HTMLVideoElement} video
   * @param {number} partSeconds
   * @param {(percent: number | null) => void} waiting hears how far a part is that is waited for, null when it is there
   * @param {(words: string) => void} failed
   */
  constructor(video, partSeconds, waiting, failed) {
    this.video = video;
    this.partSeconds = partSeconds;
    this.waiting = waiting;
    this.failed = failed;
    /** @type {Opening | null} */
    this.opening = null;
    this.seconds = 0;
    this.part = -1;
    /** @type {number[]} */
    this.times = [];
    this.loads = 0;
    this.ahead = -1;
    this.linkedAt = 0;
    video.addEventListener("ended", () => void this.next());
    video.addEventListener("timeupdate", () => this.askAhead());
    video.addEventListener("error", () => this.relink());
  }

  /** @param {Opening} opening @param {number} seconds of the whole film */
  open(opening, seconds) {
    this.opening = opening;
    this.seconds = seconds;
  }

  /** Nothing of the film is kept. */
  close() {
    this.opening = null;
    this.loads += 1;
    this.part = this.ahead = -1;
    this.times = [];
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** The moment that is shown. */
  get now() {
    return Math.max(0, this.part) * this.partSeconds + this.video.currentTime;
  }

  /** Number of the frame that is shown within its part. */
  get frame() {
    const at = this.now + 1e-4;
    let low = 0;
    let high = this.times.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.times[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Shows a moment; another part is rendered where it must be. @param {number} seconds */
  async goTo(seconds) {
    const at = Math.min(Math.max(0, seconds), Math.max(0, this.seconds - 0.001));
    const part = Math.floor(at / this.partSeconds);
    if (part === this.part) this.video.currentTime = at - part * this.partSeconds;
    else await this.load(part, at);
  }

  /** One frame on or back; over the edge of a part, too. @param {1 | -1} step */
  async step(step) {
    this.video.pause();
    const next = this.frame + step;
    if (next >= 0 && next < this.times.length) {
      this.video.currentTime = this.times[next] - this.part * this.partSeconds + INTO;
    } else if (step > 0 && (this.part + 1) * this.partSeconds < this.seconds) await this.goTo((this.part + 1) * this.partSeconds);
    else if (step < 0 && this.part > 0) {
      await this.load(this.part - 1, this.part * this.partSeconds - 0.001);
      this.video.currentTime = (this.times.at(-1) ?? 0) - this.part * this.partSeconds + INTO;
    }
  }

  /** @param {number} part @param {number} at */
  async load(part, at) {
    const { opening } = this;
    if (!opening) return;
    this.loads += 1;
    const load = this.loads;
    this.waiting(0);
    try {
      const told = await opening.ready("part", part, (percent) => load === this.loads && this.waiting(percent));
      if (load !== this.loads) return;
      this.part = part;
      this.times = told.times;
      this.linkedAt = performance.now();
      const { playbackRate } = this.video;
      this.video.src = told.link;
      await new Promise((resolve) => this.video.addEventListener("loadedmetadata", resolve, { once: true }));
      if (load !== this.loads) return;
      this.video.playbackRate = playbackRate;
      this.video.currentTime = Math.max(0, at - part * this.partSeconds);
      this.waiting(null);
    } catch (error) {
      if (load !== this.loads || error instanceof Covered) return;
      this.waiting(null);
      this.failed(error instanceof Error ? error.message : gettext("It could not be played."));
    }
  }

  async next() {
    const begin = (this.part + 1) * this.partSeconds;
    if (begin >= this.seconds) return;
    await this.goTo(begin);
    if (this.opening) await this.video.play().catch(() => undefined);
  }

  askAhead() {
    const next = this.part + 1;
    const late = this.video.currentTime > AHEAD * this.partSeconds;
    if (!this.opening || !late || this.ahead === next || next * this.partSeconds >= this.seconds) return;
    this.ahead = next;
    // Where it fails, the same question fails again when the part is needed, and is told then.
    this.opening.ready("part", next).catch(() => undefined);
  }

  /** A link lasts two minutes: whoever stops for longer gets a new one and stays where they are. */
  relink() {
    if (!this.opening || this.part < 0 || performance.now() - this.linkedAt < RELINK_MS) return;
    const [part, at] = [this.part, this.now];
    this.part = -1;
    void this.load(part, at);
  }
}
