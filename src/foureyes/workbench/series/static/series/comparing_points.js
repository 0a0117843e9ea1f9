// @ts-check
/**
 * Which points of compare are shown, and how they come: those that came with the page, else compared now on request,
 * with words about how far that is. Asks again until it ends; draws nothing itself.
 */

import { say } from "../pages/keys.js";
import { filled, gettext } from "../pages/words.js";
import { Points } from "./points.js";

/** @typedef {import("./points.js").Matched} Matched */

const PAUSE_MS = 500;
const OFF = "points";

/** Points of the first and the chosen one. */
export class ComparingPoints {
  /**
   * @param {HTMLElement} root
   * @param {import("../library/pane.js").Pane[]} panes
   * @param {import("./stage.js").Stage} stage
   * @param {() => number} chosen place of the chosen pane, from 0
   */
  constructor(root, panes, stage, chosen) {
    this.bar = /** @type {HTMLElement} */ (document.querySelector("[data-points-bar]"));
    this.chosen = chosen;
    /** @type {Matched[]} */
    this.pairs = JSON.parse(document.getElementById("matched-data")?.textContent ?? "[]");
    this.overlay = new Points(root, panes, stage, () => this.now());
    this.overlay.on = new URLSearchParams(location.search).get(OFF) !== "0";
    this.asking = "";
    /** @type {Record<string, () => void>} */
    this.keys = { p: () => this.toggle(), v: () => void this.compare() };
    this.part("stop").addEventListener("click", () => void this.stop());
    this.show();
    if (location.hash === "#now") void this.compare();
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLElement} */ (this.bar.querySelector(`[data-points-${name}]`));
  }

  /** The pair that is looked at: the first and the chosen one, else the second. */
  now() {
    const second = Math.max(this.chosen(), 1) + 1;
    return this.pairs.find((one) => one.first === 1 && one.second === second);
  }

  show() {
    const pair = this.now();
    const known = pair !== undefined && pair.points.length > 0;
    const running = pair?.state === "running";
    this.button("p").disabled = !known;
    this.button("p").setAttribute("aria-pressed", String(known && this.overlay.on));
    this.button("v").disabled = pair?.state !== "unknown";
    this.part("stop").hidden = !running;
    this.part("words").textContent = this.words(pair);
    const elsewhere = /** @type {HTMLAnchorElement} */ (this.part("elsewhere"));
    elsewhere.hidden = !pair?.elsewhere;
    if (pair?.elsewhere) elsewhere.href = pair.elsewhere;
    this.overlay.redraw();
  }

  /** @param {Matched | undefined} pair */
  words(pair) {
    if (!pair) return gettext("Two moments of one film are not compared.");
    const words = pair.words || gettext("Their points were not compared yet.");
    return filled(gettext("Number 1 and number {number}: {words}"), { number: pair.second, words });
  }

  /** @param {string} key */
  button(key) {
    return /** @type {HTMLButtonElement} */ (this.bar.querySelector(`[data-press="${key}"]`));
  }

  toggle() {
    if (this.button("p").disabled) {
      say(this.words(this.now()));
      return;
    }
    this.overlay.on = !this.overlay.on;
    const address = new URL(location.href);
    if (this.overlay.on) address.searchParams.delete(OFF);
    else address.searchParams.set(OFF, "0");
    history.replaceState(null, "", address);
    say(this.overlay.on ? gettext("Points are drawn.") : gettext("Points are not drawn."));
    this.show();
  }

  /** Has the pair compared now, and waits until it is. */
  async compare() {
    const pair = this.now();
    if (!pair || pair.state !== "unknown") return;
    for (const other of this.pairs) if (other.state === "running") Object.assign(other, { state: "unknown", words: "" });
    const asking = (this.asking = `${pair.second} ${performance.now()}`);
    const [a, b] = [this.named(pair.first), this.named(pair.second)];
    this.put(pair, { state: "running", words: gettext("Comparing the points …") });
    let told = await this.ask("POST", new URLSearchParams({ a, b }));
    while (told.state === "running" && this.asking === asking) {
      this.put(pair, told);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (this.asking === asking) told = await this.ask("GET", new URLSearchParams({ a, b }));
    }
    if (this.asking !== asking) return;
    this.overlay.on = true;
    this.put(pair, told);
    say(this.words(pair));
  }

  async stop() {
    this.asking = "";
    const pair = this.pairs.find((one) => one.state === "running");
    await this.ask("POST", new URLSearchParams(), this.bar.dataset.stop ?? "");
    if (pair) this.put(pair, { state: "unknown", words: gettext("Stopped.") });
    this.button("v").focus();
  }

  /** @param {Matched} pair @param {Partial<Matched>} told */
  put(pair, told) {
    Object.assign(pair, told);
    this.show();
  }

  /** How the server names a pane. @param {number} number */
  named(number) {
    const { mark, what, number: ms } = this.overlay.panes[number - 1].canvas.dataset;
    return what === "frame" ? `${mark}@${(Number(ms) / 1000).toFixed(3)}` : (mark ?? "");
  }

  /** @param {string} method @param {URLSearchParams} sent @param {string} [address] @returns {Promise<Partial<Matched>>} */
  async ask(method, sent, address = this.bar.dataset.address ?? "") {
    const get = method === "GET";
    const headers = { "X-CSRFToken": document.body.dataset.csrf ?? "" };
    const response = await fetch(get ? `${address}?${sent}` : address, { method, headers, body: get ? null : sent, redirect: "error" }).catch(() => null);
    if (response?.status === 204) return {};
    const told = response?.headers.get("Content-Type")?.startsWith("application/json") ? await response.json().catch(() => null) : null;
    return told ?? { state: "unknown", words: gettext("The server did not answer. Ask again.") };
  }
}
