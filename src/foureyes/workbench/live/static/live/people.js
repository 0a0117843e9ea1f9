// @ts-check
/**
 * Who is on a series now: fills every `[data-people="<series>"]`, and says where the officer of this page looks.
 *
 * Says it every three seconds at most, and only over a channel that is open. A page can ask the grid to stand where
 * a colleague stands (`grid:go`).
 */

import { filled, gettext } from "../pages/words.js";

/**
 * @typedef {import("./channel.js").Person} Person
 * @typedef {import("./channel.js").HereSaid} HereSaid
 */

const BETWEEN_MS = 3000;
/** @type {Map<string, Map<string, Person>>} */
const known = new Map();

/** @type {Record<string, string>} */
const PARTS = {
  grid: gettext("looks at the grid"),
  about: gettext("reads about the series"),
  decisions: gettext("looks at decisions"),
  findings: gettext("looks at findings"),
  notes: gettext("looks at notes"),
  timeline: gettext("looks at the timeline"),
  links: gettext("looks at the links"),
  map: gettext("looks at the map"),
};

/** @param {string} about id of a series, or `me` @param {string} officer user name of who looks at the page */
export function showPeople(about, officer) {
  document.addEventListener("live:here", (event) => {
    const said = /** @type {CustomEvent<HereSaid>} */ (event).detail;
    const people = said.all ? new Map() : (known.get(said.series) ?? new Map());
    for (const person of said.here) people.set(person.officer, person);
    for (const gone of said.gone) people.delete(gone);
    known.set(said.series, people);
    for (const list of lists(document, said.series)) fill(list, people, officer);
  });
  document.addEventListener("loaded", (event) => {
    if (!(event.target instanceof HTMLElement)) return;
    for (const [series, people] of known) for (const list of lists(event.target, series)) fill(list, people, officer);
  });
  if (about !== "me") sayWhere(about, officer);
}

/** @param {ParentNode} root @param {string} series @returns {HTMLElement[]} */
function lists(root, series) {
  return [...root.querySelectorAll(`[data-people="${CSS.escape(series)}"]`)].filter((it) => it instanceof HTMLElement);
}

/** @param {HTMLElement} list @param {Map<string, Person>} people @param {string} officer */
function fill(list, people, officer) {
  // Whoever stands on a button of the list keeps it: the list is filled when they left it.
  if (list.contains(document.activeElement)) {
    list.addEventListener("focusout", () => window.setTimeout(() => fill(list, known.get(list.dataset.people ?? "") ?? people, officer)), { once: true });
    return;
  }
  const sorted = [...people.values()].sort((a, b) => a.name.localeCompare(b.name));
  list.replaceChildren(...sorted.map((person) => drawn(person, person.officer === officer, list.dataset.compact !== undefined)));
  list.hidden = sorted.length === 0;
}

/** @param {Person} person @param {boolean} self @param {boolean} compact */
function drawn(person, self, compact) {
  const item = document.createElement("li");
  item.className = "person";
  const face = piece("face", person.initials);
  face.setAttribute("aria-hidden", "true");
  const name = self ? filled(gettext("{name} (you)"), { name: person.name }) : person.name;
  if (compact) {
    item.title = `${name}, ${person.unit}`;
    item.append(face, piece("unseen", `${name}, ${person.unit}`));
    return item;
  }
  const words = piece("person-words", "");
  words.append(piece("person-name", name), piece("person-unit", person.unit), piece("person-where", where(person)));
  item.append(face, words);
  if (person.mark && !self) item.append(goThere(person));
  return item;
}

/** @param {Person} person */
function where(person) {
  if (person.hidden) return gettext("somewhere on the series");
  return PARTS[person.part] ?? (person.part ? gettext("looks at a panel") : "");
}

/** @param {Person} person */
function goThere(person) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  button.textContent = gettext("Go there");
  button.setAttribute("aria-label", filled(gettext("Go to the media that {name} stands on"), { name: person.name }));
  button.addEventListener("click", () => {
    const grid = document.getElementById("grid");
    grid?.dispatchEvent(new CustomEvent("grid:go", { detail: { mark: person.mark } }));
    grid?.focus({ preventScroll: true });
  });
  return button;
}

/** @param {string} name @param {string} text */
function piece(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

/** @param {string} series @param {string} officer */
function sayWhere(series, officer) {
  let key = "";
  let part = "";
  let mark = "";
  let said = "";
  let timer = 0;

  const send = async () => {
    timer = 0;
    const now = new URLSearchParams({ series, officer, key, part, mark });
    if (!key || now.toString() === said || document.visibilityState !== "visible") return;
    said = now.toString();
    try {
      const { ok } = await fetch("/live/here/", { method: "POST", body: now, keepalive: true });
      if (!ok) said = "";
    } catch {
      said = "";
    }
  };
  const soon = () => {
    timer ||= window.setTimeout(() => void send(), BETWEEN_MS);
  };

  document.addEventListener("live:hello", (event) => {
    key = /** @type {CustomEvent<{key: string}>} */ (event).detail.key;
    said = "";
    soon();
  });
  document.addEventListener("grid:here", (event) => {
    mark = /** @type {CustomEvent<{mark: string}>} */ (event).detail.mark;
    part = "grid";
    soon();
  });
  document.addEventListener("focusin", (event) => {
    const panel = /** @type {Element} */ (event.target).closest("[id^='panel-'], #grid");
    if (!panel) return;
    part = panel.id.replace("panel-", "");
    soon();
  });
}
