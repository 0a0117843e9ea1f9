// @ts-check
/** The pack of 16x16 grey previews (form: `library/previews.py`). They hold nothing sharp. */

export const SIDE = 16;

/** Splits a pack into its pictures. @param {ArrayBuffer} buffer @returns {Uint8Array[]} */
export function split(buffer) {
  const view = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== "4EP1") throw new Error("not a pack of previews");
  const count = view.getUint32(4, true);
  let offset = 8 + 4 * count;
  return Array.from({ length: count }, (_, at) => {
    const length = view.getUint32(8 + 4 * at, true);
    const picture = new Uint8Array(buffer, offset, length);
    offset += length;
    return picture;
  });
}

/** Previews of a series, decoded when first asked for and then kept: 1 kB each. */
export class Previews {
  /** @param {Uint8Array[]} pictures */
  constructor(pictures) {
    this.pictures = pictures;
    /** @type {(ImageBitmap | Promise<ImageBitmap | null> | null | undefined)[]} */
    this.bitmaps = new Array(pictures.length);
  }

  /** @param {string} url */
  static async fetch(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error("no previews");
    return new Previews(split(await response.arrayBuffer()));
  }

  /** The bitmap where it is decoded already, else a promise of it; null where there is none. @param {number} at */
  at(at) {
    if (this.bitmaps[at] === undefined) this.bitmaps[at] = this.decode(at);
    return this.bitmaps[at] ?? null;
  }

  /** @param {number} at @returns {Promise<ImageBitmap | null>} */
  async decode(at) {
    const bytes = this.pictures[at];
    let bitmap = null;
    if (bytes && bytes.length > 0) {
      const blob = new Blob([/** @type {BlobPart} */ (bytes)], { type: "image/webp" });
      bitmap = await createImageBitmap(blob).catch(() => null);
    }
    this.bitmaps[at] = bitmap;
    return bitmap;
  }

  /** Decodes everything in small steps while nothing else happens, so that fast scrolling meets no blank tile. */
  async decodeAll() {
    for (let at = 0; at < this.pictures.length; at += 1) {
      if (this.bitmaps[at] === undefined) await this.at(at);
      if (at % 64 === 63) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
}

/** Draws a bitmap as the whole canvas; without one the canvas is left empty. @param {HTMLCanvasElement} canvas @param {ImageBitmap | null} bitmap */
export function draw(canvas, bitmap) {
  canvas.width = bitmap?.width ?? SIDE;
  canvas.height = bitmap?.height ?? SIDE;
  if (bitmap) canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
}
