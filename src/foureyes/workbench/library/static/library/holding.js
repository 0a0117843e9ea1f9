// @ts-check
/** The keys of revealing for pages that look closely: R or space while held, T until pressed again, C for colour. */

import { isCovered, isTyping, say } from "../pages/keys.js";
import { gettext } from "../pages/words.js";

/** Tells a page when it is to be revealed and when covered. Knows nothing of what it shows. */
export class Holding {
  /** @param {() => void} reveal @param {() => void} cover @param {boolean} space whether the space bar reveals, too */
  constructor(reveal, cover, space = true) {
    this.doReveal = reveal;
    this.doCover = cover;
    this.keys = space ? ["r", " "] : ["r"];
    this.held = false;
    this.kept = false;
    this.listen();
  }

  get wanted() {
    return this.held || this.kept;
  }

  hold() {
    const before = this.wanted;
    this.held = true;
    if (!before) this.doReveal();
  }

  release() {
    const before = this.wanted;
    this.held = false;
    if (before && !this.wanted) this.doCover();
  }

  toggle() {
    const before = this.wanted;
    this.kept = !this.kept;
    if (this.wanted && !before) this.doReveal();
    else if (!this.wanted && before) this.doCover();
    say(this.kept ? gettext("Revealed until you press T.") : gettext("Covered."));
  }

  coverAll() {
    const before = this.wanted;
    this.held = this.kept = false;
    if (before) this.doCover();
  }

  listen() {
    document.addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase();
      const onButton = key === " " && /** @type {Element} */ (event.target).closest("button, a, summary, [role=button]");
      if (isTyping(event) || isCovered() || onButton || event.defaultPrevented) return;
      if (this.keys.includes(key)) {
        event.preventDefault();
        if (!event.repeat) this.hold();
      } else if (key === "t" && !event.repeat) this.toggle();
      else if (key === "c" && !event.repeat) toggleColour();
    });
    document.addEventListener("keyup", (event) => {
      if (this.keys.includes(event.key.toLowerCase())) this.release();
    });
    // A key that is let go elsewhere never says so here: whoever leaves the page covers it.
    window.addEventListener("blur", () => this.release());
    window.addEventListener("pagehide", () => this.coverAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.coverAll());
    const holder = document.querySelector("[data-hold]");
    holder?.addEventListener("pointerdown", () => this.hold());
    for (const end of ["pointerup", "pointerleave", "pointercancel", "keyup"]) holder?.addEventListener(end, () => this.release());
    holder?.addEventListener("contextmenu", (event) => event.preventDefault());
    holder?.addEventListener("keydown", (event) => {
      const pressed = /** @type {KeyboardEvent} */ (event);
      if ((pressed.key === " " || pressed.key === "Enter") && !pressed.repeat) this.hold();
    });
    document.querySelector("[data-toggle-reveal]")?.addEventListener("click", () => this.toggle());
    document.querySelector("button[data-colour]")?.addEventListener("click", toggleColour);
  }
}

/** Revealed pictures are grey until colour is asked for; the choice ends with the page. */
function toggleColour() {
  const colour = document.body.classList.toggle("in-colour");
  document.querySelector("button[data-colour]")?.setAttribute("aria-pressed", String(colour));
  say(colour ? gettext("Revealed pictures are in colour.") : gettext("Revealed pictures are grey."));
}
