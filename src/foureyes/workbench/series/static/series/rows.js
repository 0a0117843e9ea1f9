// @ts-check
/** Where tiles and group headings stand: rows from the top, found by height. Pure arithmetic, no elements. */

/** @typedef {import("./arranging.js").Group} Group */

export const GAP = 6;
export const HEADING = 34;

export class Rows {
  /** @param {Group[]} groups @param {number} width @param {number} wanted side of a tile, at least about that */
  constructor(groups, width, wanted) {
    const room = Math.max(width - GAP, wanted);
    this.groups = groups;
    this.columns = Math.max(1, Math.floor(room / (wanted + GAP)));
    this.side = Math.floor(room / this.columns) - GAP;
    this.step = this.side + GAP;
    /** @type {number[]} top of each group, its heading included */
    this.tops = [];
    let top = 0;
    for (const group of groups) {
      this.tops.push(top);
      top += this.head(group) + Math.ceil((group.end - group.first) / this.columns) * this.step;
    }
    this.height = top + GAP;
  }

  /** @param {Group} group */
  head(group) {
    return group.title ? HEADING : 0;
  }

  /** The group at a height. @param {number} height */
  groupAt(height) {
    return last(this.tops, (top) => top <= height);
  }

  /** The group that holds a place. @param {number} place */
  groupOf(place) {
    return last(this.groups, (group) => group.first <= place);
  }

  /** Where the tile of a place stands. @param {number} place */
  at(place) {
    const number = this.groupOf(place);
    const group = this.groups[number];
    const within = place - group.first;
    const row = Math.floor(within / this.columns);
    return { x: GAP + (within % this.columns) * this.step, y: this.tops[number] + this.head(group) + GAP + row * this.step };
  }

  /** Places between two heights: from the first to before the second. @param {number} from @param {number} to @returns {[number, number]} */
  between(from, to) {
    return [this.placeAt(from, false), this.placeAt(to, true)];
  }

  /** @param {number} height @param {boolean} behind the end of the row, else its start */
  placeAt(height, behind) {
    const number = Math.max(0, this.groupAt(Math.max(height, 0)));
    const group = this.groups[number];
    if (!group) return 0;
    const row = Math.max(0, Math.floor((height - this.tops[number] - this.head(group)) / this.step)) + (behind ? 1 : 0);
    return Math.min(group.first + row * this.columns, group.end);
  }

  /** The place a row up or down, in the same column where there is one; across headings too. @param {number} place @param {number} rows */
  vertical(place, rows) {
    let here = place;
    for (let left = Math.abs(rows); left > 0; left -= 1) {
      const next = this.neighbour(here, Math.sign(rows));
      if (next < 0) break;
      here = next;
    }
    return here;
  }

  /** @param {number} place @param {number} way */
  neighbour(place, way) {
    const number = this.groupOf(place);
    const group = this.groups[number];
    const column = (place - group.first) % this.columns;
    const aim = place + way * this.columns;
    if (aim >= group.first && aim < group.end) return aim;
    const rowEnd = Math.floor((group.end - 1 - group.first) / this.columns);
    if (way > 0 && Math.floor((place - group.first) / this.columns) < rowEnd) return group.end - 1;
    const other = this.groups[number + way];
    if (!other) return -1;
    if (way > 0) return Math.min(other.first + column, other.end - 1);
    const lastRow = other.first + Math.floor((other.end - 1 - other.first) / this.columns) * this.columns;
    return Math.min(lastRow + column, other.end - 1);
  }
}

/** Index of the last that fits, by halving; -1 where none does. @template T @param {T[]} list @param {(one: T) => boolean} fits */
function last(list, fits) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
