// @ts-check
/**
 * The one live channel of a page: what colleagues do comes over it as it happens.
 *
 * Dispatches at the document: `live:change` with each change, and `live:<what>` (`live:note`, ...) with the same
 * detail; `live:here` with who is where; `live:hello` when the channel opened; `live:reload` when too much was
 * missed; `live:channel` (`on`, `trying`, `off`). Rests while nobody sees the page, and asks for what it missed when
 * it comes back. Changes nothing of the page itself and never takes the focus.
 */

/**
 * @typedef {{ what: string, series: string, thing: string, version: number, officer: string, name: string, unit: string, toMe: boolean, at: string }} Change
 * @typedef {{ officer: string, name: string, initials: string, unit: string, part: string, mark: string, hidden: boolean }} Person
 * @typedef {{ series: string, all: boolean, here: Person[], gone: string[] }} HereSaid
 * @typedef {"on" | "trying" | "off"} State
 */

const REST_AFTER_MS = 20_000;
const SLOWEST_MS = 5_000;

export class Channel {
  /** @param {string} about id of a series, or `me` @param {string} since number of the last event that the page knows */
  constructor(about, since) {
    this.about = about;
    this.since = since;
    this.tries = 0;
    /** @type {State} */
    this.state = "trying";
    /** @type {EventSource | null} */
    this.source = null;
    this.timer = 0;
    this.rest = 0;
    this.leaves = false;
  }

  /** Opens the channel and keeps it open while the page is seen. */
  start() {
    document.addEventListener("visibilitychange", () => this.onSight());
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (event) => event.persisted && !this.leaves && this.open());
    document.addEventListener("submit", (event) => this.onSubmit(/** @type {HTMLFormElement} */ (event.target)));
    window.addEventListener("online", () => this.again(0));
    this.onSight();
  }

  onSight() {
    window.clearTimeout(this.rest);
    if (document.visibilityState === "visible") {
      if (!this.source) this.again(0);
    } else this.rest = window.setTimeout(() => this.close(), REST_AFTER_MS);
  }

  /** Whoever signs out hears nothing more; a channel that the server must end would ask why. @param {HTMLFormElement} form */
  onSubmit(form) {
    if (!("signsOut" in form.dataset)) return;
    this.leaves = true;
    this.close();
  }

  close() {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /** Opens the channel anew after a while. @param {number} wait in milliseconds */
  again(wait) {
    this.close();
    if (!this.leaves) this.timer = window.setTimeout(() => this.open(), wait);
  }

  open() {
    this.close();
    const source = new EventSource(`/live/${this.about}/?since=${this.since}`);
    this.source = source;
    source.addEventListener("error", () => void this.onError(source));
    this.on("hello", (said) => this.tell("hello", said));
    this.on("ready", () => this.became("on"));
    this.on("reload", () => this.tell("reload", {}));
    this.on("here", (said) => this.tell("here", said));
    this.on("change", (said) => {
      this.tell("change", said);
      this.tell(said.what, said);
    });
    this.on("closed", (said) => void this.onClosed(said.why));
  }

  /** @param {string} kind @param {(said: any) => void} then */
  on(kind, then) {
    this.source?.addEventListener(kind, (event) => {
      if (event.lastEventId) this.since = event.lastEventId;
      then(JSON.parse(event.data));
    });
  }

  /** @param {string} why */
  async onClosed(why) {
    this.close();
    if (this.leaves) return;
    if (why === "windows") this.became("off", why);
    else if (why === "rights" && (await this.probe())) return;
    else this.again(500 + Math.random() * 2000); // not all pages at the same moment
  }

  /** @param {EventSource} source */
  async onError(source) {
    if (source !== this.source || this.leaves) return;
    this.close();
    this.tries += 1;
    if (this.tries > 1) this.became("trying");
    if (this.tries > 1 && (await this.probe())) return;
    this.again(Math.min(SLOWEST_MS, 500 * 2 ** Math.min(this.tries, 6)) * (0.5 + Math.random()));
  }

  /** Whether the server says that there is no channel for this officer; then nothing is tried any more. */
  async probe() {
    try {
      const { status } = await fetch(`/live/${this.about}/`, { method: "HEAD" });
      if (status !== 404) return false;
    } catch {
      return false;
    }
    this.became("off", "rights");
    return true;
  }

  /** @param {State} state @param {string} [why] */
  became(state, why = "") {
    if (state === "on") this.tries = 0;
    this.state = state;
    this.tell("channel", { state, why });
  }

  /** @param {string} name @param {unknown} detail */
  tell(name, detail) {
    document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
  }
}
