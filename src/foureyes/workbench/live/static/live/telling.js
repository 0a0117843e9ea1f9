// @ts-check
/**
 * Says in words what colleagues did, and whether the page is live. Politely: it never takes the focus and covers
 * nothing that is written in. Where the page cannot show a change by itself, it offers to look again.
 */

import { filled, gettext } from "../pages/words.js";
import { piecesOn } from "./renewing.js";

/**
 * @typedef {import("./channel.js").Change} Change
 * @typedef {import("./channel.js").State} State
 */

const TOGETHER_MS = 700;
const SHOWN_MS = 9000;
const QUIET_MS = 4000;
/** A restart of the server shorter than this is nobody's concern. */

/** @type {Record<string, string>} */
const SENTENCES = {
  note: gettext("{name} wrote a note."),
  region: gettext("{name} marked a region."),
  task: gettext("{name} changed a task."),
  request: gettext("{name} asked for a second pair of eyes, or answered."),
  assessment: gettext("{name} worked on the assessment."),
  decision: gettext("{name} decided on this series."),
  proposal: gettext("{name} proposed something, or answered a proposal."),
  name: gettext("{name} renamed the series."),
  state: gettext("{name} changed the state of the series or its next step."),
  assignment: gettext("{name} changed who works on the series."),
  regrouped: gettext("The series was grouped anew."),
};
/** @type {Record<string, string>} */
const TO_ME = {
  note: gettext("{name} wrote to you."),
  task: gettext("{name} has a task for you."),
  request: gettext("{name} asks you for a second pair of eyes, or answered you."),
};
const AWAY = gettext("Not live: the server is away. Trying again; what you see may be old.");
const WHY_OFF = {
  windows: gettext("Not live here: too many of your windows are open. Look again when you come back to this one."),
  rights: gettext("Not live any more: you are signed out, or this is not yours to see now."),
};

/** @param {HTMLElement} place @param {string} about @param {string} officer user name of who looks at the page */
export function tellChanges(place, about, officer) {
  /** @type {string[]} */
  let sentences = [];
  let timer = 0;
  const said = part(place, "p", "live-said");
  const notice = part(place, "div", "live-notice");

  const speak = () => {
    timer = 0;
    bringIntoSight(place);
    const more = sentences.length - 1;
    said.textContent = more > 0 ? `${sentences[more]} ${filled(gettext("And {count} more changes."), { count: more })}` : sentences[0];
    sentences = [];
    window.setTimeout(() => !timer && (said.textContent = ""), SHOWN_MS);
  };

  document.addEventListener("live:change", (event) => {
    const change = /** @type {CustomEvent<Change>} */ (event).detail;
    const here = change.series === about;
    if (change.officer === officer && change.what !== "regrouped") return;
    const sentence = change.toMe ? (TO_ME[change.what] ?? SENTENCES[change.what]) : here ? SENTENCES[change.what] : undefined;
    if (!sentence) return;
    const spoken = filled(sentence, { name: change.name });
    if (here && piecesOn(change.what).length === 0) {
      bringIntoSight(place);
      offer(notice, spoken);
      return;
    }
    sentences.push(spoken);
    timer ||= window.setTimeout(speak, TOGETHER_MS);
  });
  document.addEventListener("live:reload", () => offer(notice, gettext("Much happened since you last looked.")));
  document.addEventListener("newer", () => {
    said.textContent = gettext("Something new came where you write. It is shown when you have sent what you wrote.");
  });
  tellState(place);
}

/** @param {HTMLElement} place */
function tellState(place) {
  const line = part(place, "p", "live-state");
  let timer = 0;
  document.addEventListener("live:channel", (event) => {
    const { state, why } = /** @type {CustomEvent<{state: State, why: keyof typeof WHY_OFF}>} */ (event).detail;
    place.dataset.state = state;
    if (state === "trying") {
      // Each try that fails says so again: the first of them counts.
      timer ||= window.setTimeout(() => offer(line, AWAY), QUIET_MS);
      return;
    }
    window.clearTimeout(timer);
    timer = 0;
    if (state === "on") line.textContent = "";
    else offer(line, WHY_OFF[why] ?? "");
  });
}

/** A modal dialog silences all that is outside of it: what is said is put into it. @param {HTMLElement} place */
function bringIntoSight(place) {
  const dialog = document.querySelector("dialog[open]");
  const home = dialog ?? document.body;
  if (place.parentElement === home) return;
  home.append(place);
  dialog?.addEventListener("close", () => document.body.append(place), { once: true });
}

/** Says something that stays until one looks again. @param {HTMLElement} where @param {string} sentence */
function offer(where, sentence) {
  if (where.dataset.sentence === sentence && where.childNodes.length > 0) return;
  where.dataset.sentence = sentence;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = gettext("Look again");
  // The view is in the address, and so the same after it.
  button.addEventListener("click", () => window.location.reload());
  where.replaceChildren(`${sentence} `, button);
}

/** @param {HTMLElement} place @param {"p" | "div"} tag @param {string} name */
function part(place, tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  made.setAttribute("role", "status");
  place.append(made);
  return made;
}
