// @ts-check
/** A search by a region: asks how far it is and shows the page anew when it ends; keys that act on one that was found. */

import { isCovered, isTyping } from "../pages/keys.js";
import { gettext } from "../pages/words.js";

const PAUSE_MS = 1000;
const status = document.querySelector("[data-searching]");

/** @param {HTMLElement} told */
async function follow(told) {
  while (["waiting", "running"].includes(told.dataset.searching ?? "")) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const response = await fetch(told.dataset.address ?? "", { redirect: "error" }).catch(() => null);
    const answer = response?.ok ? await response.json().catch(() => null) : null;
    const words = answer?.words ?? gettext("The server does not answer. It is asked again.");
    if (told.textContent !== words) told.textContent = words;
    if (answer) told.dataset.searching = answer.state;
  }
  location.reload();
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || isCovered() || event.defaultPrevented || event.repeat) return;
  const button = document.activeElement?.closest(".elsewhere li")?.querySelector(`button[data-press="${CSS.escape(event.key)}"]`);
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  button.click();
});

if (status instanceof HTMLElement && ["waiting", "running"].includes(status.dataset.searching ?? "")) void follow(status);
