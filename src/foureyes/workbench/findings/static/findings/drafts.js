// @ts-check
/**
 * Keeps what somebody writes or draws until it is saved: in this tab only, and only words and shapes, no pixels. After
 * an expired session, a lost connection or a reload it is in its form again; when the tab is closed it is gone.
 */

import { say } from "../pages/keys.js";
import { gettext } from "../pages/words.js";

const LEFT_OUT = new Set(["csrfmiddlewaretoken", "back", "version", "on"]);
const SENT = "foureyes sent";

/** @param {HTMLFormElement} form */
const keyOf = (form) => `foureyes draft ${form.dataset.of ?? ""} ${form.dataset.draft ?? ""}`;

/** Keeps the form as it is now. @param {HTMLFormElement} form */
export function keep(form) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && !LEFT_OUT.has(name)) values[name] = value;
  try {
    sessionStorage.setItem(keyOf(form), JSON.stringify(values));
  } catch {
    say(gettext("This browser keeps no draft: save soon."));
  }
}

/** @param {HTMLFormElement} form @param {Record<string, string>} values */
function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
  }
}

/** Whether a draft says something that the form does not. @param {HTMLFormElement} form @param {Record<string, string>} values */
function differs(form, values) {
  return Object.entries(values).some(([name, value]) => {
    const field = form.elements.namedItem(name);
    return name !== "key" && field instanceof Element && /** @type {HTMLInputElement} */ (field).value !== value;
  });
}

/** @param {HTMLFormElement} form @param {Record<string, string>} values @param {boolean} done */
function offer(form, values, done) {
  const bar = document.createElement("p");
  bar.className = "draft-bar";
  const words = document.createElement("span");
  words.textContent = done ? gettext("What you wrote before is here again.") : gettext("You had begun to write something else here.");
  bar.append(words);
  /** @param {string} text @param {() => void} act */
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => {
      act();
      bar.remove();
    });
    bar.append(made);
  };
  if (!done) button(gettext("Take it up"), () => fill(form, values));
  button(gettext("Drop it"), () => {
    sessionStorage.removeItem(keyOf(form));
    if (done) form.reset();
  });
  form.prepend(bar);
}

/** Brings a draft back into its form and keeps what is written from now on. @param {HTMLFormElement} form */
function start(form) {
  if (form.dataset.kept) return;
  form.dataset.kept = "yes";
  const kept = sessionStorage.getItem(keyOf(form));
  if (kept) {
    /** @type {Record<string, string>} */
    const values = JSON.parse(kept);
    const changes = form.elements.namedItem("version") !== null;
    if (differs(form, values)) {
      if (!changes) fill(form, values);
      offer(form, values, !changes);
    }
  }
  form.addEventListener("input", () => keep(form));
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, keyOf(form)));
}

/** Forgets the draft that the server says it saved, and starts the others. @param {ParentNode} [root] */
export function startDrafts(root = document) {
  const sent = sessionStorage.getItem(SENT);
  if (sent && document.querySelector('.message[class*="saved-"]')) {
    sessionStorage.removeItem(sent);
    sessionStorage.removeItem(SENT);
  }
  for (const form of root.querySelectorAll("form[data-draft]")) if (form instanceof HTMLFormElement) start(form);
}
