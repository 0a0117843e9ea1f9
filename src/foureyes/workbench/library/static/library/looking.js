// @ts-check
/**
 * Counts the seconds in which something sharp is on this screen and tells the server, which keeps them for the
 * officer alone and believes no more than is plausible. Knows nothing of what is shown.
 */

const TELL_EVERY = 15_000;

export class Looking {
  /** @param {string} series id of the series that is looked at, or "" */
  constructor(series) {
    this.series = series;
    this.since = 0;
    this.untold = 0;
    document.addEventListener("visibilitychange", () => document.hidden && this.tell());
    window.addEventListener("pagehide", () => this.tell());
    window.setInterval(() => this.tell(), TELL_EVERY);
  }

  /** Something sharp is on the screen now, or not. @param {boolean} sharp */
  set(sharp) {
    const now = performance.now();
    if (this.since > 0) this.untold += now - this.since;
    this.since = sharp ? now : 0;
  }

  tell() {
    this.set(this.since > 0);
    if (this.untold < 100) return;
    const body = new URLSearchParams({
      csrfmiddlewaretoken: document.body.dataset.csrf ?? "",
      series: this.series,
      seconds: (this.untold / 1000).toFixed(1),
    });
    this.untold = 0;
    navigator.sendBeacon("/exposure/looked/", body);
  }
}
