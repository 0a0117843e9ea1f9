// @ts-check
/** How this officer wants pictures drawn, as the server keeps it (`library/viewing.py`). */

const { blur, mask, size, colour } = document.body.dataset;

/** @param {string | undefined} text @param {number[]} known @param {number} otherwise */
const among = (text, known, otherwise) => (known.includes(Number(text ?? NaN)) ? Number(text) : otherwise);

export const viewing = Object.freeze({
  /** Pixels across a covered picture; 0 draws none. */
  blur: among(blur, [0, 4, 8, 16], 16),
  /** Whether the middle of a revealed picture stays covered until M is held. */
  masksMiddle: mask === "middle",
  /** Of tiles, 0 to 4. */
  size: among(size, [0, 1, 2, 3, 4], 2),
});

if (colour === "yes") document.body.classList.add("in-colour");
if (viewing.masksMiddle) document.body.classList.add("masked");
