// @ts-check
/**
 * Packs of 16x16 grey previews (form: `library/previews.py`), fetched in parts when they are wanted. They hold
 * nothing sharp. How coarse they are drawn is the officer's choice (`viewing.js`).
 */

import { viewing } from "./viewing.js";

export const SIDE = 16;
const AT_ONCE = 512;
/** Parts that are on their way at once: more only make each other late. */
const UNDER_WAY = 3;
/** What all such WebP files share and a pack leaves out: bytes 23 to 29. */
const SHARED = [0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10, 0x00];
const HEAD = 30;

/** Splits a pack into its pictures, whole WebP or JPEG files. @param {ArrayBuffer} buffer @returns {Uint8Array[]} */
export function split(buffer) {
  const view = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== "4EP1" && magic !== "4EP2") throw new Error("not a pack of pictures");
  const [step, count] = [magic === "4EP1" ? 4 : 2, view.getUint32(4, true)];
  let offset = 8 + step * count;
  return Array.from({ length: count }, (_, at) => {
    const told = step === 4 ? view.getUint32(8 + 4 * at, true) : view.getUint16(8 + 2 * at, true);
    const short = step === 2 && (told & 0x8000) !== 0;
    const body = new Uint8Array(buffer, offset, short ? told & 0x7fff : told);
    offset += body.length;
    return short ? whole(body) : body;
  });
}

/** The file that a shortened preview was made from. @param {Uint8Array} body */
function whole(body) {
  const size = body.length - 3 + HEAD;
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set([0x52, 0x49, 0x46, 0x46]);
  view.setUint32(4, size - 8, true);
  file.set([0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x20], 8);
  view.setUint32(16, size - 20, true);
  file.set(body.subarray(0, 3), 20);
  file.set(SHARED, 23);
  file.set(body.subarray(3), HEAD);
  return file;
}

/** Indexes as an address names them: `0-255.300`. @param {number[]} indexes */
export function spoken(indexes) {
  const parts = [];
  for (let at = 0; at < indexes.length; at += 1) {
    const first = indexes[at];
    while (at + 1 < indexes.length && indexes[at + 1] === indexes[at] + 1) at += 1;
    parts.push(first === indexes[at] ? `${first}` : `${first}-${indexes[at]}`);
  }
  return parts.join(".");
}

/** Previews of a series: fetched when wanted, decoded when first drawn, then kept. */
export class Previews {
  /** @param {number} count @param {(anew?: boolean) => string | Promise<string>} link gives a link that is good now */
  constructor(count, link) {
    this.link = link;
    /** @type {(ImageBitmap | Promise<ImageBitmap | null> | null | undefined)[]} */
    this.bitmaps = new Array(count);
    /** @type {(Uint8Array | undefined)[]} */
    this.pictures = new Array(count);
    this.asked = new Uint8Array(count);
    /** @type {Set<number>} wanted, and not on their way yet, in the order of their being wanted */
    this.waiting = new Set();
    this.underWay = 0;
    /** @type {(indexes: number[]) => void} told which pictures have come */
    this.arrived = () => {};
    this.bytes = 0;
    this.failed = false;
    /** @type {(() => void)[]} told once, when the next part has come or failed */
    this.listeners = [];
  }

  /** Waits until these are here and decoded, or cannot be had now. @param {number[]} indexes */
  async ready(indexes) {
    while (!this.failed && indexes.some((at) => !this.pictures[at])) {
      await new Promise((done) => this.listeners.push(() => done(null)));
    }
    await Promise.all(indexes.map((at) => this.at(at)));
  }

  /** Fetches what is not here yet, the first first. @param {Iterable<number>} indexes */
  want(indexes) {
    for (const index of indexes) if (!this.asked[index]) this.waiting.add(index);
    this.send();
  }

  send() {
    while (this.waiting.size > 0 && this.underWay < UNDER_WAY) {
      const part = [];
      for (const index of this.waiting) {
        part.push(index);
        if (part.length === AT_ONCE || 8 * part.length > 7_000) break;
      }
      for (const index of part) {
        this.waiting.delete(index);
        this.asked[index] = 1;
      }
      void this.fetch(part.sort((a, b) => a - b));
    }
  }

  /** @param {number[]} part */
  async fetch(part) {
    this.underWay += 1;
    try {
      const link = this.link();
      // Where a link is there, what is in sight is asked for before the tiles are made.
      let response = await fetch(`${typeof link === "string" ? link : await link}?at=${spoken(part)}`);
      // Links die when a right of the officer may have gone, though this series may still be theirs.
      if (response.status === 404) response = await fetch(`${await this.link(true)}?at=${spoken(part)}`);
      if (!response.ok) throw new Error("no previews");
      const buffer = await response.arrayBuffer();
      this.bytes += buffer.byteLength;
      split(buffer).forEach((picture, at) => (this.pictures[part[at]] = picture));
      this.failed = false;
      this.arrived(part);
    } catch {
      for (const index of part) this.asked[index] = 0;
      this.failed = true;
    }
    this.underWay -= 1;
    for (const told of this.listeners.splice(0)) told();
    if (!this.failed) this.send();
  }

  /** The bitmap where it is decoded; a promise where it is here and is decoded now; else null. @param {number} at */
  at(at) {
    if (this.bitmaps[at] === undefined && this.pictures[at]) this.bitmaps[at] = this.decode(at);
    return this.bitmaps[at] ?? null;
  }

  /** @param {number} at @returns {Promise<ImageBitmap | null>} */
  async decode(at) {
    const bytes = this.pictures[at];
    let bitmap = null;
    if (bytes && bytes.length > 0) bitmap = await (decoded(bytes) ?? decodedFromBlob(bytes)).catch(() => null);
    this.bitmaps[at] = bitmap;
    return bitmap;
  }
}

/**
 * A picture by the browser's own decoder, where it offers it (in secure contexts, and not every browser): 512
 * previews in 27 ms of headless Chromium. Else null. @param {Uint8Array} bytes
 */
function decoded(bytes) {
  return "ImageDecoder" in window ? decodedAtOnce(bytes).catch(() => decodedFromBlob(bytes)) : null;
}

/** @param {Uint8Array} bytes */
async function decodedAtOnce(bytes) {
  const decoder = new ImageDecoder({ data: /** @type {Uint8Array<ArrayBuffer>} */ (bytes), type: "image/webp" });
  const { image } = await decoder.decode();
  const bitmap = await createImageBitmap(image);
  image.close();
  decoder.close();
  return bitmap;
}

/** The same by way of a blob, which goes through another process: 512 in 195 ms. @param {Uint8Array} bytes */
function decodedFromBlob(bytes) {
  return createImageBitmap(new Blob([/** @type {BlobPart} */ (bytes)], { type: "image/webp" }));
}

/** Draws a covered picture as coarse as the officer wants it. @param {HTMLCanvasElement} canvas @param {ImageBitmap | null} bitmap */
export function drawCovered(canvas, bitmap) {
  const side = viewing.blur;
  canvas.width = canvas.height = Math.max(side, 1);
  if (!bitmap || side === 0) return;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "medium";
  context.drawImage(bitmap, 0, 0, side, side);
}

/** Draws a bitmap as the whole canvas; without one the canvas is left empty. @param {HTMLCanvasElement} canvas @param {ImageBitmap | null} bitmap */
export function draw(canvas, bitmap) {
  canvas.width = bitmap?.width ?? SIDE;
  canvas.height = bitmap?.height ?? SIDE;
  if (bitmap) canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
}
