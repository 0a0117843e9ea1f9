// @ts-check
/**
 * What a page is for comes first: an element with `data-shown-first` says that pieces, the live channel and whatever
 * else is beside it wait until it is shown, or cannot be. Pages without one wait for nothing.
 */

/** A page whose first thing neither comes nor fails is not kept waiting longer. */
const LONGEST_MS = 5_000;

/** @type {(value?: unknown) => void} */
let tell = () => {};

/** Fulfilled when what the page is for is shown. */
export const firstShown = new Promise((done) => {
  tell = done;
  if (!document.querySelector("[data-shown-first]")) done(null);
  else window.setTimeout(done, LONGEST_MS);
});

/** Says that it is shown, or cannot be. */
export function tellFirstShown() {
  tell();
}
