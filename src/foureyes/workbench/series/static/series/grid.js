// @ts-check
/**
 * The grid of a series: only the tiles in sight exist, each drawn from one pack of 16x16 grey previews.
 * Copies fold into stacks. It knows nothing of decisions, and asks for nothing sharp itself.
 */

import { draw } from "../library/previews.js";

/**
 * @typedef {object} Table
 * @property {string} series
 * @property {string} revision of the members: that of the pack of previews
 * @property {string[]} marks
 * @property {string} kinds
 * @property {number[]} leaders
 * @property {string[]} times
 * @property {string[]} cameras
 * @property {number[]} camera
 */

const GAP = 6;
const SIZES = [72, 96, 128, 168, 224];
const ROWS_AHEAD = 3;
const WORDS = { p: "Picture", v: "Video", u: "Undecoded content" };

export class Grid {
  /**
   * @param {HTMLElement} root
   * @param {Table} table
   * @param {import("../library/previews.js").Previews} previews
   */
  constructor(root, table, previews) {
    this.root = root;
    this.room = /** @type {HTMLElement} */ (root.querySelector(".grid-room"));
    this.table = table;
    this.previews = previews;
    this.folded = true;
    this.order = "time";
    this.size = 2;
    this.current = 0;
    /** Chosen media by index; a folded stack is chosen with its copies. @type {Set<number>} */
    this.chosen = new Set();
    /** Sharp picture of a mark while it is revealed. @type {(mark: string) => ImageBitmap | null} */
    this.sharp = () => null;
    /** @type {Map<number, HTMLElement>} tiles that exist now, by place */
    this.tiles = new Map();
    /** @type {() => void} */
    this.changed = () => {};
    /** @type {number[][]} stacks in order; the first of each stands for it */
    this.stacks = [];
    this.arrange();
    new ResizeObserver(() => this.measure()).observe(root);
    root.addEventListener("scroll", () => this.paint(), { passive: true });
    root.addEventListener("click", (event) => this.onClick(event));
  }

  /** Sorts, and folds copies. Keeps standing on the same media. */
  arrange() {
    const { leaders, times, camera } = this.table;
    const here = this.stacks[this.current]?.[0];
    /** @type {Map<number, number[]>} */
    const groups = new Map();
    leaders.forEach((leader, index) => {
      const key = this.folded ? leader : index;
      const group = groups.get(key);
      if (!group) groups.set(key, [index]);
      else if (index === leader) group.unshift(index);
      else group.push(index);
    });
    const late = "9999";
    /** @param {number[]} a @param {number[]} b */
    const byTime = (a, b) => (times[a[0]] || late).localeCompare(times[b[0]] || late) || a[0] - b[0];
    this.stacks = [...groups.values()].sort((a, b) => {
      if (this.order === "camera") return camera[b[0]] - camera[a[0]] || byTime(a, b);
      if (this.order === "copies") return b.length - a.length || byTime(a, b);
      return byTime(a, b);
    });
    this.current = Math.max(0, this.stacks.findIndex((stack) => here !== undefined && stack.includes(here)));
    this.measure();
  }

  measure() {
    const side = SIZES[this.size];
    const width = this.root.clientWidth - GAP;
    this.columns = Math.max(1, Math.floor(width / (side + GAP)));
    this.side = Math.floor(width / this.columns) - GAP;
    this.room.style.height = `${Math.ceil(this.stacks.length / this.columns) * (this.side + GAP) + GAP}px`;
    for (const tile of this.tiles.values()) tile.remove();
    this.tiles.clear();
    this.paint();
    this.changed();
  }

  /** Makes the tiles in sight and drops the others. */
  paint() {
    const step = (this.side ?? 1) + GAP;
    const columns = this.columns ?? 1;
    const top = Math.max(0, Math.floor(this.root.scrollTop / step) - ROWS_AHEAD);
    const bottom = Math.ceil((this.root.scrollTop + this.root.clientHeight) / step) + ROWS_AHEAD;
    const [first, end] = [top * columns, Math.min(this.stacks.length, bottom * columns)];
    for (const [place, tile] of this.tiles) {
      if (place >= first && place < end) continue;
      tile.remove();
      this.tiles.delete(place);
    }
    for (let place = first; place < end; place += 1) {
      if (!this.tiles.has(place)) this.makeTile(place, step);
    }
  }

  /** @param {number} place @param {number} step */
  makeTile(place, step) {
    const tile = document.createElement("div");
    tile.className = "tile";
    tile.id = `tile-${place}`;
    tile.setAttribute("role", "option");
    const [row, column] = [Math.floor(place / (this.columns ?? 1)), place % (this.columns ?? 1)];
    tile.style.width = tile.style.height = `${this.side}px`;
    tile.style.transform = `translate(${GAP + column * step}px, ${GAP + row * step}px)`;
    const canvas = document.createElement("canvas");
    const badge = document.createElement("span");
    badge.className = "badge";
    const stack = this.stacks[place];
    badge.textContent = [this.table.kinds[stack[0]] === "v" ? "\u25b6" : "", stack.length > 1 ? `\u00d7${stack.length}` : ""].join(" ").trim();
    tile.append(canvas, badge);
    this.tiles.set(place, tile);
    this.drawTile(place);
    this.markTile(place);
    this.room.append(tile);
  }

  /** Draws the sharp picture where it is revealed, else the preview. @param {number} place */
  drawTile(place) {
    const tile = this.tiles.get(place);
    if (!tile) return;
    const canvas = /** @type {HTMLCanvasElement} */ (tile.firstElementChild);
    const index = this.stacks[place][0];
    const sharp = this.sharp(this.table.marks[index]);
    canvas.classList.toggle("sharp", sharp !== null);
    const bitmap = sharp ?? this.previews.at(index);
    if (!(bitmap instanceof Promise)) draw(canvas, bitmap);
    else void bitmap.then(() => this.tiles.get(place) === tile && this.drawTile(place));
  }

  /** Sets what the tile says to eyes and to screen readers. @param {number} place */
  markTile(place) {
    const tile = this.tiles.get(place);
    if (!tile) return;
    const stack = this.stacks[place];
    const { kinds, times, cameras, camera, marks } = this.table;
    const words = [
      WORDS[/** @type {"p"} */ (kinds[stack[0]])],
      stack.length > 1 ? `${stack.length} copies` : "",
      times[stack[0]].replace("T", " "),
      cameras[camera[stack[0]]] ?? "",
      marks[stack[0]].slice(0, 8),
    ];
    tile.setAttribute("aria-label", words.filter(Boolean).join(", "));
    tile.setAttribute("aria-selected", String(stack.every((index) => this.chosen.has(index))));
    tile.setAttribute("aria-setsize", String(this.stacks.length));
    tile.setAttribute("aria-posinset", String(place + 1));
    tile.classList.toggle("current", place === this.current);
    if (place === this.current) this.root.setAttribute("aria-activedescendant", tile.id);
  }

  /** Stands on another media, and brings it into sight. @param {number} place @param {boolean} choosing */
  goTo(place, choosing = false) {
    const before = this.current;
    this.current = Math.min(Math.max(place, 0), this.stacks.length - 1);
    if (choosing) for (let at = Math.min(before, this.current); at <= Math.max(before, this.current); at += 1) this.choose(at, true);
    const step = (this.side ?? 1) + GAP;
    const top = Math.floor(this.current / (this.columns ?? 1)) * step;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (top + step + GAP > this.root.scrollTop + this.root.clientHeight) this.root.scrollTop = top + step + GAP - this.root.clientHeight;
    this.paint();
    this.markTile(before);
    this.markTile(this.current);
    this.changed();
  }

  /** @param {number} place @param {boolean} [on] */
  choose(place, on = !this.stacks[place].every((index) => this.chosen.has(index))) {
    for (const index of this.stacks[place]) on ? this.chosen.add(index) : this.chosen.delete(index);
    this.markTile(place);
    this.changed();
  }

  /** @param {boolean} on */
  chooseAll(on) {
    this.chooseThese(on ? this.table.marks.keys() : []);
  }

  /** Chooses these media by index, and no others. @param {Iterable<number>} indexes */
  chooseThese(indexes) {
    this.chosen = new Set(indexes);
    for (const place of this.tiles.keys()) this.markTile(place);
    this.changed();
  }

  /** Place of the stack that holds a media; -1 where none is shown. @param {number} index */
  placeOf(index) {
    return this.stacks.findIndex((stack) => stack.includes(index));
  }

  /** Marks of what a key is about: those chosen, else the one stood on (its whole stack where asked). @param {boolean} whole */
  targets(whole) {
    const chosen = this.stacks.filter((stack) => stack.every((index) => this.chosen.has(index)));
    const stacks = this.chosen.size > 0 ? chosen : this.stacks.slice(this.current, this.current + 1);
    return stacks.flatMap((stack) => (whole ? stack : stack.slice(0, 1))).map((index) => this.table.marks[index]);
  }

  /** Draws the tile of a mark again. @param {string} mark */
  redraw(mark) {
    for (const place of this.tiles.keys()) if (this.table.marks[this.stacks[place][0]] === mark) this.drawTile(place);
  }

  /** @param {number} step */
  resize(step) {
    this.size = Math.min(Math.max(this.size + step, 0), SIZES.length - 1);
    this.measure();
    this.goTo(this.current);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const tile = /** @type {Element} */ (event.target).closest(".tile");
    for (const [place, element] of this.tiles) {
      if (element !== tile) continue;
      if (event.shiftKey) this.goTo(place, true);
      else {
        this.goTo(place);
        if (event.ctrlKey || event.metaKey) this.choose(place);
      }
    }
  }
}
