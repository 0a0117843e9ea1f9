// @ts-check
/** The search page: a picture that is dropped or pasted goes into the form and is sent. It reads no pixel of it. */

import { isCovered, isTyping, say, walk } from "../pages/keys.js";
import { filled, gettext, ngettext } from "../pages/words.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-search]"));
const picture = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
const hash = /** @type {HTMLInputElement} */ (form.querySelector("input[name=hash]"));
const drop = /** @type {HTMLElement} */ (document.getElementById("drop"));
const atMost = Number(form.dataset.bytesAtMost);

/** Puts one file into the form and sends it. @param {File} file */
function ask(file) {
  if (isTooLarge(file)) return;
  const carrier = new DataTransfer();
  carrier.items.add(file);
  picture.files = carrier.files;
  form.requestSubmit();
}

/** Says so where a file is larger than a question may be: nothing is sent then. @param {File} file */
function isTooLarge(file) {
  if (file.size <= atMost) return false;
  const most = Math.floor(atMost / 1024 ** 2);
  say(filled(gettext("This file is too large: a question has at most {most} MB. Nothing was sent."), { most }));
  return true;
}

/** The one file of a drop or of the clipboard. @param {DataTransfer | null} transfer */
function fileOf(transfer) {
  const [file, ...more] = transfer?.files ?? [];
  const count = more.length + 1;
  const words = ngettext("One picture at a time: the first of {count} is searched for.", "One picture at a time: the first of {count} is searched for.", count);
  if (count > 1) say(filled(words, { count }));
  return file ?? null;
}

/** Whether a drag carries a file. @param {DragEvent} event */
const carriesFile = (event) => event.dataTransfer?.types.includes("Files") ?? false;

document.addEventListener("dragover", (event) => {
  if (!carriesFile(event)) return;
  event.preventDefault();
  form.classList.add("wanted");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("wanted");
});
document.addEventListener("drop", (event) => {
  form.classList.remove("wanted");
  if (!carriesFile(event)) return;
  event.preventDefault();
  const file = fileOf(event.dataTransfer);
  if (file) ask(file);
});

document.addEventListener("paste", (event) => {
  const file = fileOf(event.clipboardData);
  if (file) {
    event.preventDefault();
    ask(file);
  } else if (event.target !== hash) {
    // Whoever pastes beside the field means the field.
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (!text) return;
    event.preventDefault();
    hash.value = text.slice(0, hash.maxLength);
    hash.focus();
  }
});

// The last thing that was given is what is meant: a form with both would search for the picture.
hash.addEventListener("input", () => (picture.value = ""));
picture.addEventListener("change", () => {
  if (picture.files?.[0] && isTooLarge(picture.files[0])) picture.value = "";
  else hash.value = "";
});

form.addEventListener("submit", () => {
  form.classList.add("asking");
  const [said] = drop.children;
  said.textContent = gettext("Searching.");
});

document.addEventListener("keydown", (event) => {
  const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity });
  const step = steps[event.key];
  const fromField = event.target === hash && event.key === "ArrowDown";
  if (step === undefined || isCovered() || event.shiftKey || (isTyping(event) && !fromField)) return;
  if (walk(step)) event.preventDefault();
});

const first = document.querySelector(".found a[data-row]");
if (first instanceof HTMLElement) first.focus({ preventScroll: true });
