// @ts-check
/**
 * Positions on an offline map: the world's outlines from this server, circles for stated errors, clusters.
 * Nothing is asked of any other server. The list beside it says the same in words.
 */

import { leaflet, world } from "../pages/vendored.js";
import { filled, ngettext } from "../pages/words.js";
import { bindButtons, choose, dataOf, whenThere } from "./choose.js";

/** @typedef {{ north: number, east: number, error: number, marks?: string[], series?: string, name?: string, media?: number }} Point */
/** @typedef {{ north: number, east: number, points: Point[], media: number }} Cluster */

const APART = 36; // pixels within which positions are one cluster
const DEEPEST = 17;
const WIDE_ENOUGH = 6; // nearer than this, outlines of countries alone say nothing of where one is

/** Points near each other at a zoom, by cells of pixels; the same points always give the same clusters. @param {any} map @param {Point[]} points @returns {Cluster[]} */
function clusters(map, points) {
  /** @type {Map<string, Point[]>} */
  const cells = new Map();
  for (const point of points) {
    const { x, y } = map.project([point.north, point.east]);
    const cell = `${Math.floor(x / APART)} ${Math.floor(y / APART)}`;
    cells.set(cell, [...(cells.get(cell) ?? []), point]);
  }
  return [...cells.values()].map((near) => ({
    north: near.reduce((sum, one) => sum + one.north, 0) / near.length,
    east: near.reduce((sum, one) => sum + one.east, 0) / near.length,
    points: near,
    media: near.reduce((sum, one) => sum + (one.media ?? one.marks?.length ?? 0), 0),
  }));
}

/** @param {HTMLElement} place @param {string} name */
function colour(place, name) {
  return window.getComputedStyle(place).getPropertyValue(`--${name}`).trim();
}

/** What a cluster is, in words. @param {Cluster} cluster */
function named(cluster) {
  const names = [...new Set(cluster.points.map((one) => one.name).filter(Boolean))];
  const where = `${cluster.north.toFixed(4)}, ${cluster.east.toFixed(4)}`;
  const count = filled(ngettext("{count} media", "{count} media", cluster.media), { count: cluster.media });
  return [names.slice(0, 3).join(", "), count, where].filter(Boolean).join(" · ");
}

/** @param {HTMLElement} place */
async function start(place) {
  const page = place.dataset.page ?? "";
  bindButtons(place, page);
  const stage = place.querySelector(".map");
  if (!(stage instanceof HTMLElement)) return;
  const L = await leaflet(stage);
  if (!L) return;
  const data = dataOf(place, "map-data");
  /** @type {Point[]} */
  const points = data.points;
  const map = L.map(stage, { attributionControl: false, zoomControl: true, minZoom: 1, maxZoom: DEEPEST, worldCopyJump: true, zoomAnimation: false, fadeAnimation: false });
  map.fitBounds(L.latLngBounds(points.map((one) => [one.north, one.east])).pad(0.3), { maxZoom: WIDE_ENOUGH, animate: false });
  const countries = await world();
  if (countries) {
    const style = { color: colour(place, "edge"), weight: 0.8, fillColor: colour(place, "raised"), fillOpacity: 1 };
    L.geoJSON(countries, /** @type {any} */ ({ interactive: false, renderer: L.canvas(), style })).addTo(map);
  }
  const layer = L.layerGroup().addTo(map);
  const told = place.querySelector("#map-told");

  const redraw = () => {
    layer.clearLayers();
    const bounds = map.getBounds().pad(0.5);
    const seen = points.filter((one) => bounds.contains([one.north, one.east]));
    for (const one of seen) {
      if (one.error > 0) L.circle([one.north, one.east], { radius: one.error, color: colour(place, "warn"), weight: 1, fillOpacity: 0.08, interactive: false }).addTo(layer);
    }
    for (const cluster of clusters(map, seen)) layer.addLayer(marker(L, cluster, (it) => open(it, data, page, map)));
    if (told) told.textContent = filled(ngettext("{count} position in view.", "{count} positions in view.", seen.length), { count: seen.length });
  };
  map.on("moveend", redraw);
  redraw();
  place.dataset.ready = "yes";
}

/** A mark that the keyboard reaches. @param {any} L @param {Cluster} cluster @param {(cluster: Cluster) => void} chosen */
function marker(L, cluster, chosen) {
  const size = Math.round(Math.min(44, 24 + 6 * Math.log10(Math.max(1, cluster.media))));
  const icon = L.divIcon({ className: "cluster", html: String(cluster.media), iconSize: [size, size] });
  const made = L.marker([cluster.north, cluster.east], { icon, keyboard: true, title: named(cluster), alt: named(cluster) });
  made.on("add", () => made.getElement()?.setAttribute("aria-label", named(cluster)));
  made.on("click", () => chosen(cluster));
  made.on("keypress", (/** @type {any} */ event) => event.originalEvent.key === "Enter" && chosen(cluster));
  return made;
}

/** Chooses the media of a cluster, or opens the series; several series are zoomed into. @param {Cluster} cluster @param {any} data @param {string} page @param {any} map */
function open(cluster, data, page, map) {
  if (data.series) {
    choose(page, [...new Set(cluster.points.flatMap((one) => one.marks ?? []))]);
    return;
  }
  const series = new Set(cluster.points.map((one) => one.series));
  if (series.size === 1) window.location.assign(`${page}${[...series][0]}/map/`);
  else map.setView([cluster.north, cluster.east], Math.min(map.getZoom() + 3, DEEPEST));
}

whenThere("[data-map]", (place) => void start(place));
