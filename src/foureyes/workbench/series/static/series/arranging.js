// @ts-check
/** Orders the media of a series, folds copies into stacks and puts stacks into groups. Draws nothing. */

import { filled, gettext } from "../pages/words.js";

/**
 * @typedef {object} Table
 * @property {string} series
 * @property {string} revision of the members: that of the previews
 * @property {string[]} marks
 * @property {string} kinds
 * @property {number[]} leaders index of the media that stands for the stack
 * @property {number[]} scenes index of the first media of the same scene
 * @property {string[]} times
 * @property {string[]} cameras
 * @property {number[]} camera
 * @property {string[]} [sources] for those who may see them
 * @property {number[]} [source]
 *
 * @typedef {object} Group
 * @property {string} title
 * @property {number} first place of its first stack
 * @property {number} end place behind its last stack
 * @property {number} media
 *
 * @typedef {object} Arranged
 * @property {number[][]} stacks in order; the first of each stands for it
 * @property {Group[]} groups one without a title where nothing is grouped
 */

export const ORDERS = ["time", "camera", "copies"];
export const GROUPINGS = ["none", "scene", "camera", "day", "source"];
const LATE = "9999";

/** @param {Table} table @param {{ order: string, group: string, folded: boolean }} how @returns {Arranged} */
export function arrange(table, how) {
  const before = comparing(table, how.order);
  const stacks = stacksOf(table, how.folded).sort(before);
  const keyOf = how.group === "source" && !table.source ? undefined : KEYS[how.group];
  if (!keyOf) return { stacks, groups: [{ title: "", first: 0, end: stacks.length, media: table.marks.length }] };
  /** @type {Map<string | number, number[][]>} */
  const byKey = new Map();
  for (const stack of stacks) {
    const key = keyOf(table, stack[0]);
    const group = byKey.get(key);
    if (group) group.push(stack);
    else byKey.set(key, [stack]);
  }
  /** @type {Arranged} */
  const arranged = { stacks: [], groups: [] };
  for (const [key, members] of inOrder(byKey, how.group, before)) {
    const first = arranged.stacks.length;
    for (const stack of members) arranged.stacks.push(stack);
    const media = members.reduce((sum, stack) => sum + stack.length, 0);
    const title = titleOf(table, how.group, key, arranged.groups.length + 1, members);
    arranged.groups.push({ title, first, end: arranged.stacks.length, media });
  }
  return arranged;
}

/** What a group has in common. @type {Record<string, ((table: Table, index: number) => string | number) | undefined>} */
const KEYS = {
  scene: (table, index) => table.scenes[index],
  camera: (table, index) => table.camera[index],
  day: (table, index) => table.times[index].slice(0, 10),
  source: (table, index) => table.source?.[index] ?? -1,
};

/** @param {Table} table @param {boolean} folded @returns {number[][]} */
function stacksOf(table, folded) {
  if (!folded) return table.leaders.map((_, index) => [index]);
  /** @type {Map<number, number[]>} */
  const byLeader = new Map();
  table.leaders.forEach((leader, index) => {
    const stack = byLeader.get(leader);
    if (!stack) byLeader.set(leader, [index]);
    else if (index === leader) stack.unshift(index);
    else stack.push(index);
  });
  return [...byLeader.values()];
}

/** @param {Table} table @param {string} order @returns {(a: number[], b: number[]) => number} */
function comparing({ times, camera }, order) {
  /** @param {number[]} a @param {number[]} b */
  const byTime = (a, b) => {
    const [one, other] = [times[a[0]] || LATE, times[b[0]] || LATE];
    return one < other ? -1 : one > other ? 1 : a[0] - b[0];
  };
  if (order === "camera") return (a, b) => camera[b[0]] - camera[a[0]] || byTime(a, b);
  if (order === "copies") return (a, b) => b.length - a.length || byTime(a, b);
  return byTime;
}

/** Groups by their first media; those of no camera, day or source last. @param {Map<string | number, number[][]>} byKey @param {string} group @param {(a: number[], b: number[]) => number} before */
function inOrder(byKey, group, before) {
  const missing = group === "day" ? "" : group === "scene" ? NaN : -1;
  return [...byKey].sort(([a, one], [b, other]) => Number(a === missing) - Number(b === missing) || before(one[0], other[0]));
}

/** @param {Table} table @param {string} group @param {string | number} key @param {number} number @param {number[][]} members */
function titleOf(table, group, key, number, members) {
  if (group === "camera") return table.cameras[Number(key)] ?? gettext("No camera named");
  if (group === "source") return table.sources?.[Number(key)] ?? gettext("No source known");
  if (group === "day") return String(key) || gettext("No day stated");
  const began = members.map((stack) => table.times[stack[0]]).find(Boolean) ?? "";
  return `${filled(gettext("Scene {number}"), { number })}${began ? `, ${began.slice(0, 16).replace("T", " ")}` : ""}`;
}
