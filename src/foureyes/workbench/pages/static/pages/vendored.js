// @ts-check
/**
 * The bundled libraries, each loaded when a page needs it. An installation without them (`make vendor` did not run)
 * says so in words in the place where the library would have drawn.
 */

import "./trusted.js";
import { gettext } from "./words.js";

/** The map. @param {HTMLElement} place */
export async function leaflet(place) {
  const library = await loaded(import("../vendor/leaflet.js"), place);
  if (library) await style("../vendor/leaflet.css");
  return library;
}

/** Outlines of the countries, cut at the antimeridian: GeoJSON, or null. @returns {Promise<any>} */
export async function world() {
  const response = await fetch(new URL("../vendor/world.json", import.meta.url)).catch(() => null);
  return response?.ok ? response.json() : null;
}

/** Adds a style sheet of a library, once, and waits for it: a map measures itself. @param {string} name */
async function style(name) {
  const address = new URL(name, import.meta.url).href;
  if ([...document.styleSheets].some((one) => one.href === address)) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = address;
  const there = new Promise((done) => ["load", "error"].forEach((event) => sheet.addEventListener(event, done, { once: true })));
  document.head.append(sheet);
  await there;
}

/** @template T @param {Promise<T>} loading @param {HTMLElement} place @returns {Promise<T | null>} */
async function loaded(loading, place) {
  try {
    return await loading;
  } catch {
    const words = document.createElement("p");
    words.className = "missing";
    words.textContent = gettext(
      "This installation lacks a library that draws here. Whoever installed Foureyes runs “make vendor” and starts it again. Everything else works.",
    );
    place.replaceChildren(words);
    return null;
  }
}
