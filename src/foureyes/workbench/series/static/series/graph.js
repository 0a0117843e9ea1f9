// @ts-check
/**
 * The link graph of a series on a canvas: walks from neighbour to neighbour by key, marks, opens, asks why.
 * Places and weak joints come from the server (`series/graphs.py`); the list above says what matters in words.
 */

import { say } from "../pages/keys.js";
import { filled, gettext, ngettext } from "../pages/words.js";
import { bindButtons, choose, dataOf, whenThere } from "./choose.js";
import { draw } from "./graph_drawing.js";

/** @typedef {{ marks: string[], x: number, y: number, parent: number }} Node */
/** @typedef {[number, number, number, number]} Edge nodes, kind, strength */
/** @typedef {{ nodes: Node[], edges: Edge[], kinds: string[], weak: [number, number][] }} Data */

const HEIGHT = 460;
const HIT = 14; // pixels

/** One graph on a page. */
export class Graph {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {Data} */
    this.data = dataOf(place, "graph-data");
    this.stage = /** @type {HTMLElement} */ (place.querySelector(".graph"));
    this.canvas = /** @type {HTMLCanvasElement} */ (this.stage.querySelector("canvas"));
    this.told = /** @type {HTMLElement} */ (place.querySelector("#graph-told"));
    this.height = HEIGHT;
    this.current = Math.max(0, this.data.nodes.findIndex((node) => node.parent < 0));
    /** @type {Set<number>} */
    this.marked = new Set();
    this.weak = new Set(this.data.weak.map(([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`));
    this.joint = -1;
    this.scale = 1;
    this.shift = { x: 0, y: 0 };
    /** @type {Set<number>} */
    this.kinds = new Set(this.data.kinds.keys());
    this.least = 0;
    this.bind();
    new ResizeObserver(() => this.paint()).observe(this.stage);
  }

  paint() {
    draw(this);
  }

  /** Pixels from the middle to where the outermost nodes lie. */
  halves() {
    return { across: this.stage.clientWidth / 2 - 24, down: this.height / 2 - 24 };
  }

  /** Pixels of a node. @param {Node} node */
  at(node) {
    const { across, down } = this.halves();
    return {
      x: this.stage.clientWidth / 2 + (node.x * across + this.shift.x) * this.scale,
      y: this.height / 2 + (node.y * down + this.shift.y) * this.scale,
    };
  }

  /** Edges that the toggles show. */
  shown() {
    return this.data.edges.filter(([, , kind, strength]) => this.kinds.has(kind) && strength >= this.least);
  }

  /** @param {number} node */
  neighbours(node) {
    const found = this.shown().flatMap(([a, b]) => (a === node ? [b] : b === node ? [a] : []));
    return [...new Set(found)];
  }

  /** Goes to the neighbour that lies most in a direction. @param {number} dx @param {number} dy */
  walk(dx, dy) {
    const here = this.at(this.data.nodes[this.current]);
    let best = -1;
    let least = Infinity;
    for (const other of this.neighbours(this.current)) {
      const there = this.at(this.data.nodes[other]);
      const along = (there.x - here.x) * dx + (there.y - here.y) * dy;
      const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
      if (along > 0 && along + 2 * aside < least) [best, least] = [other, along + 2 * aside];
    }
    if (best < 0) say(gettext("No linked neighbour lies there."));
    else this.goTo(best);
  }

  /** @param {number} node */
  goTo(node) {
    this.current = node;
    const { x, y } = this.at(this.data.nodes[node]);
    if (x < 0 || y < 0 || x > this.stage.clientWidth || y > this.height) this.centre();
    this.tell();
    this.paint();
  }

  centre() {
    const { across, down } = this.halves();
    const node = this.data.nodes[this.current];
    this.shift = { x: -node.x * across, y: -node.y * down };
  }

  tell() {
    const node = this.data.nodes[this.current];
    const near = this.neighbours(this.current).length;
    const size = node.marks.length;
    const many = size > 1 ? filled(ngettext("{size} media, ", "{size} media, ", size), { size }) : "";
    const linked = filled(ngettext("{near} neighbour", "{near} neighbours", near), { near });
    const marked = filled(ngettext("{count} marked", "{count} marked", this.marked.size), { count: this.marked.size });
    this.told.textContent = `${node.marks[0]}: ${many}${linked}. ${marked}.`;
  }

  /** Marks of what is marked, or of where one stands. */
  marks() {
    const chosen = this.marked.size > 0 ? [...this.marked] : [this.current];
    return chosen.flatMap((node) => this.data.nodes[node].marks);
  }

  mark() {
    if (!this.marked.delete(this.current)) this.marked.add(this.current);
    this.tell();
    this.paint();
  }

  nextJoint() {
    if (this.data.weak.length === 0) {
      say(gettext("There is no weak joint."));
      return;
    }
    this.joint = (this.joint + 1) % this.data.weak.length;
    this.goTo(this.data.weak[this.joint][0]);
  }

  open() {
    window.location.assign((this.place.dataset.media ?? "").replace("/0/", `/${this.data.nodes[this.current].marks[0]}/`));
  }

  why() {
    const [a, b, ...more] = [...this.marked];
    if (b === undefined || more.length > 0) say(gettext("Mark two with X first."));
    else window.location.assign(`${this.place.dataset.why}?a=${this.data.nodes[a].marks[0]}&b=${this.data.nodes[b].marks[0]}`);
  }

  /** @param {number} factor 0 shows all */
  zoom(factor) {
    if (factor === 0) [this.scale, this.shift] = [1, { x: 0, y: 0 }];
    else {
      this.scale = Math.min(Math.max(this.scale * factor, 1), 60);
      this.centre();
    }
    this.paint();
  }

  bind() {
    bindButtons(this.place, this.place.dataset.page ?? "");
    /** @type {Record<string, () => void>} */
    const keys = {
      arrowleft: () => this.walk(-1, 0),
      arrowright: () => this.walk(1, 0),
      arrowup: () => this.walk(0, -1),
      arrowdown: () => this.walk(0, 1),
      enter: () => this.open(),
      x: () => this.mark(),
      b: () => this.nextJoint(),
      w: () => this.why(),
      d: () => choose(this.place.dataset.page ?? "", this.marks()),
      "+": () => this.zoom(1.5),
      "-": () => this.zoom(1 / 1.5),
      0: () => this.zoom(0),
    };
    this.stage.addEventListener("keydown", (event) => {
      const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      event.stopPropagation();
      action();
    });
    this.stage.addEventListener("focus", () => this.tell());
    this.stage.addEventListener("click", (event) => this.onClick(event));
    this.stage.addEventListener("dblclick", () => this.open());
    this.stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== this.stage) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    }, { passive: false });
    this.bindToggles();
  }

  bindToggles() {
    for (const box of this.place.querySelectorAll(".toggles input")) {
      box.addEventListener("input", () => {
        const field = /** @type {HTMLInputElement} */ (box);
        if (field.type === "range") this.least = Number(field.value);
        else if (field.checked) this.kinds.add(Number(field.value));
        else this.kinds.delete(Number(field.value));
        this.tell();
        this.paint();
      });
    }
  }

  /** Stands on the node under the pointer; with Shift marks it. @param {MouseEvent} event */
  onClick(event) {
    let best = -1;
    let least = HIT;
    for (const [index, node] of this.data.nodes.entries()) {
      const { x, y } = this.at(node);
      const far = Math.hypot(x - event.offsetX, y - event.offsetY);
      if (far < least) [best, least] = [index, far];
    }
    if (best < 0) return;
    this.goTo(best);
    if (event.shiftKey) this.mark();
  }
}

whenThere("[data-graph]", (place) => void new Graph(place));
