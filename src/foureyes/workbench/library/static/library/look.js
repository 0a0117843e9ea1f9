// @ts-check
/**
 * What part of a picture is looked at and how: centre, zoom, turn, mirror, brightness, contrast, gamma. For the eye
 * only, kept in the page's address so that a colleague who gets the link sees the same. Draws nothing.
 */

/** @typedef {{ width: number, height: number }} Size */

export const PLAIN = { x: 0.5, y: 0.5, zoom: 1, turn: 0, mirror: 0, bright: 1, contrast: 1, gamma: 1 };
/** @typedef {typeof PLAIN} Look centre in parts of the shown picture, zoom in times of what fits, turn in quarters clockwise */

/** @type {Record<keyof Look, [number, number]>} */
const LIMITS = { x: [0, 1], y: [0, 1], zoom: [0.5, 64], turn: [0, 3], mirror: [0, 1], bright: [0.2, 5], contrast: [0.2, 5], gamma: [0.2, 5] };

/** The same look within its limits. @param {Look} look @returns {Look} */
export function bounded(look) {
  const kept = { ...look };
  for (const name of /** @type {(keyof Look)[]} */ (Object.keys(LIMITS))) {
    const [least, most] = LIMITS[name];
    const value = Number.isFinite(look[name]) ? look[name] : PLAIN[name];
    kept[name] = Math.min(Math.max(value, least), most);
  }
  kept.turn = Math.round(kept.turn);
  kept.mirror = Math.round(kept.mirror);
  return kept;
}

/** The look that an address asks for. @param {URLSearchParams} asked @returns {Look} */
export function fromAddress(asked) {
  const look = { ...PLAIN };
  for (const name of /** @type {(keyof Look)[]} */ (Object.keys(PLAIN))) {
    const text = asked.get(name);
    if (text !== null && text !== "") look[name] = Number(text);
  }
  return bounded(look);
}

/** Writes a look into the page's address, without what is plain. @param {Look} look */
export function intoAddress(look) {
  const address = new URL(location.href);
  for (const name of /** @type {(keyof Look)[]} */ (Object.keys(PLAIN))) {
    if (look[name] === PLAIN[name]) address.searchParams.delete(name);
    else address.searchParams.set(name, String(Math.round(look[name] * 10_000) / 10_000));
  }
  history.replaceState(null, "", address);
}

/** Size of a picture as it is shown after its turn. @param {Size} size @param {number} turn @returns {Size} */
export function turned(size, turn) {
  return turn % 2 ? { width: size.height, height: size.width } : size;
}

/** Canvas pixels for one pixel of the picture. @param {Size} size @param {Size} room @param {Look} look */
export function scaleOf(size, room, look) {
  const shown = turned(size, look.turn);
  return Math.min(room.width / shown.width, room.height / shown.height) * look.zoom;
}

/**
 * Matrix from pixels of the picture to pixels of the canvas: mirrored first, then turned, then moved.
 * @param {Size} size @param {Size} room @param {Look} look @returns {[number, number, number, number, number, number]}
 */
export function matrixOf(size, room, look) {
  const scale = scaleOf(size, room, look);
  const shown = turned(size, look.turn);
  const flip = look.mirror ? -1 : 1;
  const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][look.turn];
  const a = cos * flip * scale;
  const b = sin * flip * scale;
  const c = -sin * scale;
  const d = cos * scale;
  const middleX = room.width / 2 - (look.x - 0.5) * shown.width * scale;
  const middleY = room.height / 2 - (look.y - 0.5) * shown.height * scale;
  const e = middleX - (a * size.width + c * size.height) / 2;
  const f = middleY - (b * size.width + d * size.height) / 2;
  return [a, b, c, d, e, f];
}

/** A point of the canvas as a point of the picture. @param {[number, number, number, number, number, number]} matrix @param {number} x @param {number} y */
export function backwards([a, b, c, d, e, f], x, y) {
  const determinant = a * d - b * c;
  return [(d * (x - e) - c * (y - f)) / determinant, (a * (y - f) - b * (x - e)) / determinant];
}

/** What CSS does to the picture for the eye. @param {Look} look */
export function filterOf(look) {
  const parts = [];
  if (look.gamma !== 1) parts.push("url(#eye-gamma)");
  if (look.bright !== 1) parts.push(`brightness(${look.bright})`);
  if (look.contrast !== 1) parts.push(`contrast(${look.contrast})`);
  return parts.join(" ");
}

/** Sets the exponent of the page's gamma filter. @param {Look} look */
export function setGamma(look) {
  for (const piece of document.querySelectorAll("#eye-gamma [exponent]")) piece.setAttribute("exponent", String(1 / look.gamma));
}

/** A look of one picture on top of its own turn and mirror, which come first. @param {Look} look @param {{ turn: number, mirror: number }} own @returns {Look} */
export function onTop(look, own) {
  const turn = (look.turn + (look.mirror ? 4 - own.turn : own.turn)) % 4;
  return { ...look, turn, mirror: look.mirror ^ own.mirror };
}

const STEP = 0.15;
const LIGHT = 1.15;

/** The look after a key, null where the key means nothing here. @param {Look} look @param {string} key @returns {Look | null} */
export function afterKey(look, key) {
  const step = STEP / look.zoom;
  /** @type {Record<string, Partial<Look>>} */
  const changes = {
    ArrowLeft: { x: look.x - step },
    ArrowRight: { x: look.x + step },
    ArrowUp: { y: look.y - step },
    ArrowDown: { y: look.y + step },
    "+": { zoom: look.zoom * 1.25 },
    "=": { zoom: look.zoom * 1.25 },
    "-": { zoom: look.zoom / 1.25 },
    "0": { x: 0.5, y: 0.5, zoom: 1 },
    "]": { turn: (look.turn + 1) % 4 },
    "[": { turn: (look.turn + 3) % 4 },
    m: { mirror: 1 - look.mirror },
    b: { bright: look.bright * LIGHT },
    B: { bright: look.bright / LIGHT },
    h: { contrast: look.contrast * LIGHT },
    H: { contrast: look.contrast / LIGHT },
    y: { gamma: look.gamma * LIGHT },
    Y: { gamma: look.gamma / LIGHT },
    Backspace: { ...PLAIN },
  };
  const change = changes[key];
  return change ? bounded({ ...look, ...change }) : null;
}
