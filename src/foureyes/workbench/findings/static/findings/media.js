// @ts-check
/**
 * Regions on the page of one media: shows the outlines of those that are listed, and draws new ones for the form.
 * A film's contact strip is no frame of it: there nothing is drawn, and a region names its times.
 */

import { isCovered, isTyping } from "../pages/keys.js";
import { Drawing, fromFragment, layer, outline } from "./draw.js";
import { keep } from "./drafts.js";
import "./page.js";

const canvas = document.querySelector("canvas[data-subject]");

/** @param {HTMLCanvasElement} picture */
function begin(picture) {
  const stage = document.createElement("div");
  stage.className = "drawing-stage";
  picture.replaceWith(stage);
  stage.append(picture);
  const outlines = layer("drawing-layer");
  stage.append(outlines);
  const drawing = new Drawing(stage, {
    drawn: (shape) => put(shape, true),
    changed: (shape) => put(shape, false),
    dropped: () => form()?.querySelector("select")?.focus(),
  });
  document.addEventListener("loaded", () => {
    showOutlines(outlines);
    offer(drawing);
  });
  for (const kind of ["focusin", "focusout", "pointerover"]) document.addEventListener(kind, (event) => point(outlines, event));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "b" || isTyping(event) || isCovered() || drawing.isOpen || !form()) return;
    event.preventDefault();
    drawing.open("box", shapeField()?.value);
  });
  showOutlines(outlines);
  offer(drawing);
}

/** @returns {HTMLFormElement | null} */
const form = () => document.querySelector("form[data-region-form]");
const shapeField = () => /** @type {HTMLInputElement | null} */ (form()?.elements.namedItem("shape") ?? null);

/** Shows what the form says now, whether it was drawn or typed. */
function showTaken() {
  document.querySelector(".drawing-layer .taken")?.remove();
  const taken = fromFragment(shapeField()?.value ?? "");
  const layered = document.querySelector(".drawing-stage > .drawing-layer");
  if (taken && layered instanceof SVGElement) outline(layered, taken, "drawn taken");
}

/** @param {string} shape @param {boolean} taken */
function put(shape, taken) {
  const open = form();
  const field = shapeField();
  if (!open || !field) return;
  field.value = shape;
  keep(open);
  showTaken();
  if (taken) open.querySelector("select")?.focus();
}

/** Shows the buttons that draw, and begins a box at once where a new region was asked for. @param {Drawing} drawing */
function offer(drawing) {
  const open = form();
  const bar = open?.querySelector("[data-drawing]");
  if (!open || !(bar instanceof HTMLElement) || open.dataset.drawable) return;
  open.dataset.drawable = "yes";
  bar.hidden = false;
  shapeField()?.addEventListener("input", showTaken);
  bar.addEventListener("click", (event) => {
    const kind = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.draw;
    if (kind === "whole") put("", true);
    else if (kind === "box" || kind === "polygon") drawing.open(kind, shapeField()?.value);
  });
  if (!shapeField()?.value) drawing.open("box");
}

/** @param {SVGElement} outlines */
function showOutlines(outlines) {
  outlines.replaceChildren();
  for (const listed of document.querySelectorAll("[data-region]")) {
    const { shape, region } = /** @type {HTMLElement} */ (listed).dataset;
    const known = fromFragment(shape ?? "");
    if (known) outline(outlines, known, "outlined").setAttribute("data-of", region ?? "");
  }
  const asked = fromFragment(decodeURIComponent(window.location.hash.slice(1)));
  if (asked) outline(outlines, asked, "outlined pointed");
  showTaken();
}

/** @param {SVGElement} outlines @param {Event} event */
function point(outlines, event) {
  const listed = /** @type {Element} */ (event.target).closest?.("[data-region]");
  const number = listed instanceof HTMLElement && event.type !== "focusout" ? listed.dataset.region : "";
  for (const one of outlines.querySelectorAll("[data-of]")) one.classList.toggle("pointed", one.getAttribute("data-of") === number);
}

if (canvas instanceof HTMLCanvasElement && canvas.dataset.kind !== "video" && Number(canvas.dataset.width) > 0) begin(canvas);
