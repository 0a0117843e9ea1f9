// @ts-check
/** Answers by one key, and goes to compare. A button is pressed once: the page is on its way to the next question. Knows no media. */

import { isCovered, isTyping } from "../pages/keys.js";

let pressed = false;

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || isCovered() || event.repeat || event.shiftKey) return;
  const button = document.querySelector(`[data-press="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("submit", (event) => {
  if (pressed) event.preventDefault();
  pressed = true;
});

document.body.dataset.keys = "ready";

// Going back to a page that the browser kept: its buttons work again, and the server says what was answered.
window.addEventListener("pageshow", () => (pressed = false));
