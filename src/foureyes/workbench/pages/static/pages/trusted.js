// @ts-check
/**
 * What the bundled libraries may set as markup on a page that loads them: text without markup, and the constants
 * that Leaflet is built of. All else is refused, and the browser reports it. Never lets a script or its address through.
 */

/** Leaflet 1.9.4: its test for SVG, the buttons of its zoom, the cross of its pop-ups. */
const CONSTANTS = new Set([
  "<svg/>",
  '<span aria-hidden="true">+</span>',
  '<span aria-hidden="true">&#x2212;</span>',
  '<span aria-hidden="true">&#215;</span>',
]);

/** The text where it is harmless, else null: the browser then throws at whoever tried. @param {string} text */
export function harmless(text) {
  return CONSTANTS.has(text) || !/[<>&]/.test(text) ? text : null;
}

const trusted = /** @type {any} */ (window).trustedTypes;
if (trusted && !trusted.defaultPolicy) trusted.createPolicy("default", { createHTML: harmless });
