// @ts-check
/**
 * The grid of a series: only the tiles in sight exist, each drawn from 16x16 grey previews that come in parts.
 * Copies fold into stacks, stacks stand in groups. It knows nothing of decisions, and asks for nothing sharp itself.
 */

import { draw, drawCovered } from "../library/previews.js";
import { arrange } from "./arranging.js";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";
import { heading, label } from "./tiles.js";

/** @typedef {import("./arranging.js").Table} Table */

export const SIZES = [72, 96, 128, 168, 224];
const SCREENS_AHEAD = 4;
/** Bytes of previews that are fetched without being looked at. */
const UNASKED_BYTES = 330_000;

export class Grid {
  /**
   * @param {HTMLElement} root
   * @param {Table} table
   * @param {import("../library/previews.js").Previews} previews
   * @param {{ order: string, group: string, folded: boolean, size: number }} how
   */
  constructor(root, table, previews, how) {
    this.root = root;
    this.room = /** @type {HTMLElement} */ (root.querySelector(".grid-room"));
    this.table = table;
    this.previews = previews;
    this.how = how;
    this.current = 0;
    /** Chosen media; a folded stack is chosen with its copies. */
    this.selection = new Selection();
    /** Sharp picture of a mark while it is revealed. @type {(mark: string) => ImageBitmap | null} */
    this.sharp = () => null;
    /** @type {Map<number, HTMLElement>} tiles that exist now, by place */
    this.tiles = new Map();
    /** @type {Map<number, HTMLElement>} headings that exist now, by group */
    this.headings = new Map();
    /** @type {() => void} */
    this.changed = () => {};
    /** @type {number[][]} stacks in order; the first of each stands for it */
    this.stacks = [];
    /** @type {number[]} place of each media */
    this.places = [];
    this.rows = new Rows([], 0, SIZES[how.size]);
    this.width = 0;
    /** Whether previews are wanted before they are in sight: what is in sight comes first. */
    this.looksAhead = false;
    previews.arrived = (indexes) => this.drawArrived(indexes);
    this.arrange();
    new ResizeObserver(() => root.clientWidth !== this.width && this.measure()).observe(root);
    root.addEventListener("scroll", () => this.paint(), { passive: true });
    root.addEventListener("click", (event) => this.onClick(event));
  }

  /** Chosen media by index. */
  get chosen() {
    return this.selection.chosen;
  }

  /** Sorts, groups and folds anew. Keeps standing on the same media. */
  arrange() {
    const here = this.stacks[this.current]?.[0];
    const { stacks, groups } = arrange(this.table, this.how);
    this.stacks = stacks;
    this.groups = groups;
    stacks.forEach((stack, place) => stack.forEach((index) => (this.places[index] = place)));
    this.current = here === undefined ? 0 : this.places[here];
    this.measure();
  }

  /** The same where it is not arranged so yet. @param {Grid["how"]} how */
  arrangeAs(how) {
    if (JSON.stringify(how) === JSON.stringify(this.how)) return;
    this.how = how;
    this.arrange();
  }

  measure() {
    this.width = this.root.clientWidth;
    this.rows = new Rows(this.groups ?? [], this.width, SIZES[this.how.size]);
    this.room.style.height = `${this.rows.height}px`;
    this.room.replaceChildren();
    this.tiles.clear();
    this.headings.clear();
    this.paint();
    this.changed();
  }

  /** Makes the tiles in sight and drops the others; previews are wanted well ahead. */
  paint() {
    const [top, height] = [this.root.scrollTop, this.root.clientHeight];
    const [first, end] = this.rows.between(top - 2 * this.rows.step, top + height + 2 * this.rows.step);
    for (const [place, tile] of this.tiles) {
      if (place >= first && place < end) continue;
      tile.remove();
      this.tiles.delete(place);
    }
    this.wantAround(first, end);
    const made = document.createDocumentFragment();
    for (let place = first; place < end; place += 1) if (!this.tiles.has(place)) made.append(this.makeTile(place));
    this.paintHeadings(top, top + height, made);
    this.room.append(made);
  }

  /** @param {number} first @param {number} end */
  wantAround(first, end) {
    const ahead = (end - first) * SCREENS_AHEAD;
    const leaders = (/** @type {number} */ from, /** @type {number} */ to) => this.stacks.slice(Math.max(from, 0), Math.max(to, 0)).map((stack) => stack[0]);
    this.previews.want(leaders(first, end));
    if (!this.looksAhead) return;
    this.previews.want(leaders(end, end + ahead));
    this.previews.want(leaders(first - ahead, first));
  }

  /** From now on wants what is about to come into sight as well. */
  lookAhead() {
    this.looksAhead = true;
    this.paint();
  }

  /** Indexes of the media whose tiles exist now. */
  leadersInSight() {
    return [...this.tiles.keys()].map((place) => this.stacks[place][0]);
  }

  /** Fetches what nobody looked at yet, in the order of the grid, up to a bound. @param {number} atMost bytes of it that the page has left */
  fill(atMost) {
    const size = this.previews.bytes / Math.max(1, this.previews.pictures.filter(Boolean).length);
    const room = Math.floor(Math.min(UNASKED_BYTES - this.previews.bytes, atMost) / Math.max(size, 1));
    this.previews.want(this.stacks.map((stack) => stack[0]).filter((index) => !this.previews.asked[index]).slice(0, Math.max(room, 0)));
  }

  /** @param {number} from @param {number} to @param {DocumentFragment} made */
  paintHeadings(from, to, made) {
    const [first, last] = [Math.max(0, this.rows.groupAt(from)), this.rows.groupAt(to)];
    for (const [number, element] of this.headings) {
      if (number >= first && number <= last) continue;
      element.remove();
      this.headings.delete(number);
    }
    for (let number = first; number <= last; number += 1) {
      const group = this.groups?.[number];
      if (!group?.title || this.headings.has(number)) continue;
      const element = heading(group, this.rows.tops[number]);
      this.headings.set(number, element);
      made.append(element);
    }
  }

  /** @param {number} place */
  makeTile(place) {
    const tile = document.createElement("div");
    tile.className = "tile";
    tile.id = `tile-${place}`;
    tile.setAttribute("role", "option");
    const { x, y } = this.rows.at(place);
    tile.style.width = tile.style.height = `${this.rows.side}px`;
    tile.style.transform = `translate(${x}px, ${y}px)`;
    const badge = document.createElement("span");
    badge.className = "badge";
    const stack = this.stacks[place];
    badge.textContent = [this.table.kinds[stack[0]] === "v" ? "\u25b6" : "", stack.length > 1 ? `\u00d7${stack.length}` : ""].join(" ").trim();
    tile.append(document.createElement("canvas"), badge);
    this.tiles.set(place, tile);
    this.drawTile(place);
    this.markTile(place);
    return tile;
  }

  /** Draws the sharp picture where it is revealed, else the preview. @param {number} place */
  drawTile(place) {
    const tile = this.tiles.get(place);
    if (!tile) return;
    const canvas = /** @type {HTMLCanvasElement} */ (tile.firstElementChild);
    const index = this.stacks[place][0];
    const sharp = this.sharp(this.table.marks[index]);
    canvas.classList.toggle("sharp", sharp !== null);
    if (sharp) return draw(canvas, sharp);
    const bitmap = this.previews.at(index);
    if (bitmap instanceof Promise) void bitmap.then(() => this.tiles.get(place) === tile && this.drawTile(place));
    else drawCovered(canvas, bitmap);
  }

  /** @param {number[]} indexes */
  drawArrived(indexes) {
    for (const index of indexes) {
      const place = this.places[index];
      if (this.tiles.has(place) && this.stacks[place][0] === index) this.drawTile(place);
      // Decoded before they are scrolled to, so that fast scrolling meets no blank tile.
      else void this.previews.at(index);
    }
  }

  /** Sets what the tile says to eyes and to screen readers. @param {number} place */
  markTile(place) {
    const tile = this.tiles.get(place);
    if (!tile) return;
    const stack = this.stacks[place];
    const group = this.groups?.[this.rows.groupOf(place)];
    tile.setAttribute("aria-label", label(this.table, stack, group?.first === place ? group.title : ""));
    tile.setAttribute("aria-selected", String(this.isChosen(place)));
    tile.setAttribute("aria-setsize", String(this.stacks.length));
    tile.setAttribute("aria-posinset", String(place + 1));
    tile.classList.toggle("current", place === this.current);
    if (place === this.current) this.root.setAttribute("aria-activedescendant", tile.id);
  }

  /** @param {number} place */
  isChosen(place) {
    return this.stacks[place].every((index) => this.chosen.has(index));
  }

  /** Stands on another media, and brings it into sight. @param {number} place @param {boolean} choosing */
  goTo(place, choosing = false) {
    const before = this.current;
    this.current = Math.max(0, Math.min(place, this.stacks.length - 1));
    const [from, to] = [Math.min(before, this.current), Math.max(before, this.current)];
    if (choosing) this.choosePlaces(from, to + 1, true);
    this.bringIntoSight();
    this.paint();
    this.markTile(before);
    this.markTile(this.current);
    this.changed();
  }

  bringIntoSight() {
    if (this.stacks.length === 0) return;
    const { y } = this.rows.at(this.current);
    const group = this.groups?.[this.rows.groupOf(this.current)];
    const top = y - (group && this.current < group.first + this.rows.columns ? this.rows.head(group) : 0) - 6;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (y + this.rows.step > this.root.scrollTop + this.root.clientHeight) this.root.scrollTop = y + this.rows.step - this.root.clientHeight;
  }

  /** Chooses stacks from one place to before another, or takes them out. @param {number} first @param {number} end @param {boolean} on */
  choosePlaces(first, end, on) {
    this.selection.change(this.stacks.slice(first, end).flat(), on);
    this.markAll();
  }

  /** @param {number} place @param {boolean} [on] */
  choose(place, on = !this.isChosen(place)) {
    this.choosePlaces(place, place + 1, on);
  }

  /** Chooses these media by index, and no others. @param {Iterable<number>} indexes */
  chooseThese(indexes) {
    this.selection.set(indexes);
    this.markAll();
  }

  /** Writes the selection into the tiles, and tells of it. */
  markAll() {
    for (const place of this.tiles.keys()) this.markTile(place);
    this.changed();
  }

  /** Place of the stack that holds a media; -1 where none is shown. @param {number} index */
  placeOf(index) {
    return this.places[index] ?? -1;
  }

  /** Marks of what a key is about: those chosen, else the one stood on (its whole stack where asked). @param {boolean} whole */
  targets(whole) {
    const stacks = this.chosen.size > 0 ? this.stacks.filter((_, place) => this.isChosen(place)) : this.stacks.slice(this.current, this.current + 1);
    return stacks.flatMap((stack) => (whole ? stack : stack.slice(0, 1))).map((index) => this.table.marks[index]);
  }

  /** Draws the tile of a mark again. @param {string} mark */
  redraw(mark) {
    for (const place of this.tiles.keys()) if (this.table.marks[this.stacks[place][0]] === mark) this.drawTile(place);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const tile = /** @type {Element} */ (event.target).closest(".tile");
    for (const [place, element] of this.tiles) {
      if (element !== tile) continue;
      this.goTo(place, event.shiftKey);
      if (!event.shiftKey && (event.ctrlKey || event.metaKey)) this.choose(place);
    }
  }
}
