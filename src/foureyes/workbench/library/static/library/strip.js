// @ts-check
/** The strip of frames of a film: its cover while covered, a button for each frame while revealed. */

/** @typedef {import("./opening.js").Ready} Ready */

/** Frames side by side, each leading to its moment. */
export class Strip {
  /** @param {HTMLElement} root with a canvas for the cover @param {(seconds: number) => void} chosen */
  constructor(root, chosen) {
    this.root = root;
    this.chosen = chosen;
    this.list = document.createElement("ol");
    root.append(this.list);
    void this.drawCover();
  }

  async drawCover() {
    const canvas = this.root.querySelector("canvas");
    const response = await fetch(canvas?.dataset.preview ?? "").catch(() => null);
    const bitmap = response?.ok ? await createImageBitmap(await response.blob()).catch(() => null) : null;
    if (canvas && bitmap) canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }

  /** @param {Ready} told */
  async show(told) {
    const response = await fetch(told.link);
    if (!response.ok) return;
    const sheet = await createImageBitmap(await response.blob());
    const width = sheet.width / told.columns;
    const height = sheet.height / Math.ceil(told.times.length / told.columns);
    this.list.replaceChildren(...told.times.map((seconds, at) => this.frame(sheet, seconds, at, told.columns, width, height)));
    sheet.close();
    this.root.classList.add("shown");
  }

  /** @param {ImageBitmap} sheet @param {number} seconds @param {number} at @param {number} columns @param {number} width @param {number} height */
  frame(sheet, seconds, at, columns, width, height) {
    const canvas = document.createElement("canvas");
    canvas.className = "sharp";
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d")?.drawImage(sheet, (at % columns) * width, Math.floor(at / columns) * height, width, height, 0, 0, width, height);
    const label = document.createElement("span");
    label.textContent = `${seconds.toFixed(1)} s`;
    const button = document.createElement("button");
    button.type = "button";
    button.append(canvas, label);
    button.addEventListener("click", () => this.chosen(seconds));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  /** Nothing sharp is kept. */
  clear() {
    this.list.replaceChildren();
    this.root.classList.remove("shown");
  }
}
