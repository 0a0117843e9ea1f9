// @ts-check
/**
 * One picture in tiles: fetches only those of the region and level in view, and draws them. What is drawn before the
 * sharpest tile has come is a coarser one. Dropping it frees every pixel.
 */

import { backwards, matrixOf } from "./look.js";

/** @typedef {import("./look.js").Look} Look */
/** @typedef {import("./look.js").Size} Size */
/** @typedef {import("./opening.js").Ready} Ready */

const IN_FLIGHT = 6;
/** Tiles kept: 512 x 512 pixels take 1 MB each. */
const KEPT = 96;

/** @typedef {{ level: number, column: number, row: number }} Place */

/** The tiles of one revealed picture. */
export class Pyramid {
  /** @param {Ready} told @param {() => Promise<string>} renew gives a fresh link @param {() => void} redraw */
  constructor(told, renew, redraw) {
    this.told = told;
    this.link = told.link;
    this.renew = renew;
    this.redraw = redraw;
    /** @type {Size} */
    this.size = { width: told.width, height: told.height };
    /** @type {Map<string, ImageBitmap>} */
    this.tiles = new Map();
    /** @type {Set<string>} */
    this.asked = new Set();
    /** @type {Place[]} */
    this.wanted = [];
    this.dropped = false;
    /** @type {Promise<string> | null} */
    this.renewing = null;
  }

  /** Frees everything. */
  drop() {
    this.dropped = true;
    this.wanted = [];
    for (const tile of this.tiles.values()) tile.close();
    this.tiles.clear();
  }

  /** The level whose pixels are nearest to the canvas's, never coarser. @param {number} scale */
  levelFor(scale) {
    const level = Math.floor(Math.log2(1 / Math.max(scale, 1e-6)) + 0.01);
    return Math.min(Math.max(level, 0), this.told.grids.length - 1);
  }

  /**
   * Draws what is there of the part in view, and fetches what is not. Gives whether all of it is sharp.
   * @param {CanvasRenderingContext2D} context @param {Look} look @param {Size} room
   */
  draw(context, look, room) {
    const matrix = matrixOf(this.size, room, look);
    const level = this.levelFor(Math.hypot(matrix[0], matrix[1]));
    const coarsest = this.told.grids.length - 1;
    const missing = [];
    context.imageSmoothingEnabled = Math.hypot(matrix[0], matrix[1]) < 4;
    context.setTransform(...matrix);
    for (let at = coarsest; at >= level; at -= 1) {
      for (const place of this.inView(at, matrix, room)) {
        const tile = this.tiles.get(nameOf(place));
        if (tile) this.put(context, place, tile);
        else if (at === level || at === coarsest) missing.push(place);
      }
    }
    context.resetTransform();
    this.wanted = missing;
    void this.fetch();
    return missing.length === 0;
  }

  /** @param {CanvasRenderingContext2D} context @param {Place} place @param {ImageBitmap} tile */
  put(context, place, tile) {
    const name = nameOf(place);
    this.tiles.delete(name);
    this.tiles.set(name, tile);
    const step = 2 ** place.level;
    const side = this.told.side * step;
    const [left, top] = [place.column * side, place.row * side];
    const width = Math.min(tile.width * step, this.size.width - left);
    const height = Math.min(tile.height * step, this.size.height - top);
    context.drawImage(tile, left, top, width, height);
  }

  /** Tiles of a level that the canvas shows. @param {number} level @param {[number, number, number, number, number, number]} matrix @param {Size} room @returns {Place[]} */
  inView(level, matrix, room) {
    const side = this.told.side * 2 ** level;
    const corners = [[0, 0], [room.width, 0], [0, room.height], [room.width, room.height]].map(([x, y]) => backwards(matrix, x, y));
    const [columns, rows] = this.told.grids[level];
    const places = [];
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    const lastRow = Math.min(rows - 1, Math.floor(Math.max(...ys) / side));
    const lastColumn = Math.min(columns - 1, Math.floor(Math.max(...xs) / side));
    for (let row = Math.max(0, Math.floor(Math.min(...ys) / side)); row <= lastRow; row += 1) {
      for (let column = Math.max(0, Math.floor(Math.min(...xs) / side)); column <= lastColumn; column += 1) places.push({ level, column, row });
    }
    return places;
  }

  async fetch() {
    while (this.wanted.length > 0 && this.asked.size < IN_FLIGHT) {
      const place = /** @type {Place} */ (this.wanted.pop());
      const name = nameOf(place);
      if (this.asked.has(name) || this.tiles.has(name)) continue;
      this.asked.add(name);
      void this.load(place).finally(() => {
        this.asked.delete(name);
        void this.fetch();
      });
    }
  }

  /** @param {Place} place */
  async load(place) {
    let response = await this.get(place);
    if (response?.status === 404) {
      this.renewing ??= this.renew();
      this.link = await this.renewing.catch(() => this.link);
      this.renewing = null;
      response = await this.get(place);
    }
    if (!response?.ok) return;
    const bitmap = await createImageBitmap(await response.blob()).catch(() => null);
    if (!bitmap) return;
    if (this.dropped) {
      bitmap.close();
      return;
    }
    this.tiles.set(nameOf(place), bitmap);
    for (const name of this.tiles.keys()) {
      if (this.tiles.size <= KEPT) break;
      this.tiles.get(name)?.close();
      this.tiles.delete(name);
    }
    this.redraw();
  }

  /** @param {Place} place */
  get(place) {
    if (this.dropped) return Promise.resolve(null);
    return fetch(`${this.link}?level=${place.level}&column=${place.column}&row=${place.row}`).catch(() => null);
  }
}

/** @param {Place} place */
function nameOf(place) {
  return `${place.level}/${place.column}/${place.row}`;
}
