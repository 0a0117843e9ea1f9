// @ts-check
/**
 * Words of the modules in the officer's language. The catalogue comes from this server (`pages:words`), before the
 * modules run; where it did not come, the words are English as written.
 */

/** @typedef {{ gettext: (text: string) => string, ngettext: (one: string, many: string, count: number) => string }} Catalogue */

const catalogue = /** @type {{ django?: Catalogue }} */ (/** @type {unknown} */ (window)).django;

/** The text in the officer's language. @param {string} text */
export function gettext(text) {
  return catalogue ? catalogue.gettext(text) : text;
}

/** One of two texts, by a number, in the officer's language. @param {string} one @param {string} many @param {number} count */
export function ngettext(one, many, count) {
  return catalogue ? catalogue.ngettext(one, many, count) : count === 1 ? one : many;
}

/** Puts values in for `{name}`. @param {string} text @param {Record<string, string | number>} values */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
