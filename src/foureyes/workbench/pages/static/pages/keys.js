// @ts-check
/** Keys that work on every page: help, going places, walking through rows. Knows nothing of media. */

/** Whether the event belongs to somebody who writes, or to the browser. @param {KeyboardEvent} event */
export function isTyping(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select, [contenteditable]");
}

/** Whether a dialog covers the page: keys of the page rest meanwhile. */
export function isCovered() {
  return document.querySelector("dialog[open]") !== null;
}

let silence = 0;

/** Tells people, and screen readers, one sentence. @param {string} sentence */
export function say(sentence) {
  const status = document.getElementById("said");
  if (!status) return;
  status.textContent = sentence;
  window.clearTimeout(silence);
  silence = window.setTimeout(() => (status.textContent = ""), 6000);
}

/** Opens a dialog and puts the focus on its first field. @param {string} id */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.showModal();
  dialog.dispatchEvent(new Event("opened"));
  const first = dialog.querySelector("[data-first]");
  if (first instanceof HTMLElement) first.focus();
}

/** Moves the focus among the links of a list, and says whether there is one. @param {number} step */
export function walk(step) {
  const links = [...document.querySelectorAll("[data-walk] a[data-row]")];
  if (links.length === 0) return false;
  const here = links.indexOf(/** @type {Element} */ (document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  const link = /** @type {HTMLElement} */ (links[next]);
  link.focus();
  link.scrollIntoView({ block: "nearest" });
  return true;
}

let pending = "";

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isTyping(event) || isCovered() || event.defaultPrevented) return;
  const going = pending === "g" && document.querySelector(`a[data-key="g ${CSS.escape(event.key)}"]`);
  pending = event.key === "g" && !event.repeat ? "g" : "";
  if (going instanceof HTMLElement) going.click();
  else if (event.key === "?") openDialog("help");
  else if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "/") document.querySelector("[data-filter]")?.dispatchEvent(new Event("wanted"));
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", onKey);
for (const field of document.querySelectorAll("[data-filter]")) {
  field.addEventListener("wanted", () => /** @type {HTMLInputElement} */ (field).select());
}
document.addEventListener("click", (event) => {
  const opener = /** @type {Element} */ (event.target).closest("[data-opens]");
  if (opener instanceof HTMLElement) openDialog(opener.dataset.opens ?? "");
});
