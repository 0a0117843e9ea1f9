// @ts-check
/** What tiles and headings of the grid say. */

import { filled, gettext, ngettext } from "../pages/words.js";

/** @typedef {import("./arranging.js").Table} Table @typedef {import("./arranging.js").Group} Group */

/** @type {Record<string, () => string>} */
const KINDS = { p: () => gettext("Picture"), v: () => gettext("Video"), u: () => gettext("Undecoded content") };

/** What a screen reader hears of a tile. @param {Table} table @param {number[]} stack @param {string} group title, where it is the group's first */
export function label(table, stack, group) {
  const { kinds, times, cameras, camera, marks } = table;
  const words = [
    group,
    KINDS[kinds[stack[0]]](),
    stack.length > 1 ? filled(ngettext("{n} copy", "{n} copies", stack.length), { n: stack.length }) : "",
    times[stack[0]].replace("T", " "),
    cameras[camera[stack[0]]] ?? "",
    marks[stack[0]].slice(0, 8),
  ];
  return words.filter(Boolean).join(", ");
}

/** The line above a group. Each group's first tile says its title to screen readers. @param {Group} group @param {number} top */
export function heading(group, top) {
  const element = document.createElement("div");
  element.className = "grid-heading";
  element.setAttribute("role", "presentation");
  element.setAttribute("aria-hidden", "true");
  element.style.transform = `translate(0, ${top}px)`;
  const title = document.createElement("b");
  title.textContent = group.title;
  const count = document.createElement("span");
  count.className = "dim";
  count.textContent = ` ${filled(ngettext("{n} media", "{n} media", group.media), { n: group.media })}`;
  element.append(title, count);
  return element;
}
