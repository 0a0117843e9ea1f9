// @ts-check
/** Completes `@name` in a text by keyboard. The server offers only officers who may read what is being written. */

import { say } from "../pages/keys.js";
import { filled, gettext, ngettext } from "../pages/words.js";

/** @typedef {{ username: string, name: string, unit: string }} Named */

const BEGUN = /(?:^|[^\w@.])@([\w.+-]{0,60})$/;

class Completion {
  /** @param {HTMLTextAreaElement} field @param {string} address */
  constructor(field, address) {
    this.field = field;
    this.address = address;
    /** @type {Named[]} */
    this.offered = [];
    this.chosen = 0;
    this.asked = 0;
    this.list = document.createElement("ul");
    this.list.className = "names-offered";
    this.list.id = `${field.id}-names`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", gettext("Colleagues"));
    this.list.hidden = true;
    field.after(this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.addEventListener("input", () => void this.look());
    field.addEventListener("keydown", (event) => this.onKey(event));
    field.addEventListener("blur", () => this.close());
  }

  begun() {
    return BEGUN.exec(this.field.value.slice(0, this.field.selectionStart))?.[1] ?? null;
  }

  async look() {
    const start = this.begun();
    if (start === null) return this.close();
    const turn = ++this.asked;
    const response = await fetch(`${this.address}&start=${encodeURIComponent(start)}`).catch(() => null);
    if (turn !== this.asked || !response?.ok || response.redirected) return;
    this.offered = (await response.json()).officers;
    this.chosen = 0;
    this.show();
  }

  show() {
    this.list.replaceChildren(...this.offered.map((one, place) => this.option(one, place)));
    this.list.hidden = this.offered.length === 0;
    if (this.list.hidden) this.field.removeAttribute("aria-activedescendant");
    else {
      this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.chosen}`);
      const count = ngettext("{count} colleague: arrows choose, Enter takes.", "{count} colleagues: arrows choose, Enter takes.", this.offered.length);
      say(filled(count, { count: this.offered.length }));
    }
  }

  /** @param {Named} one @param {number} place */
  option(one, place) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(place === this.chosen));
    option.textContent = `@${one.username} ${one.name === one.username ? "" : one.name} ${one.unit}`;
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.chosen = place;
      this.take();
    });
    return option;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (this.list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.chosen = (this.chosen + step + this.offered.length) % this.offered.length;
      this.show();
    } else if (event.key === "Enter" || event.key === "Tab") this.take();
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take() {
    const { field } = this;
    const end = field.selectionStart;
    const begin = end - (this.begun()?.length ?? 0);
    field.setRangeText(`${this.offered[this.chosen].username} `, begin, end, "end");
    this.close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }
}

/** Starts completion in every form below an element that says where to ask. @param {ParentNode} [root] */
export function startNames(root = document) {
  for (const form of root.querySelectorAll("form[data-names]")) {
    const field = form.querySelector("textarea");
    if (!field || !(form instanceof HTMLFormElement) || form.dataset.named) continue;
    form.dataset.named = "yes";
    new Completion(field, form.dataset.names ?? "");
  }
}
