// @ts-check
/** Paints a link graph: other links thin, the tree of strongest links thick, weak joints dashed. Keeps no state. */

/** @param {import("./graph.js").Graph} graph */
export function draw(graph) {
  const { canvas, stage, height } = graph;
  const dense = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(stage.clientWidth * dense);
  canvas.height = Math.round(height * dense);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(dense, dense);
  const style = window.getComputedStyle(stage);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const places = graph.data.nodes.map((node) => graph.at(node));
  edges(graph, pen, places, colour);
  nodes(graph, pen, places, colour);
}

/** @typedef {{ x: number, y: number }} Place */

/** @param {import("./graph.js").Graph} graph @param {CanvasRenderingContext2D} pen @param {Place[]} places @param {(name: string) => string} colour */
function edges(graph, pen, places, colour) {
  for (const [a, b] of graph.shown()) {
    const isTree = graph.data.nodes[a].parent === b || graph.data.nodes[b].parent === a;
    const isWeak = graph.weak.has(`${Math.min(a, b)} ${Math.max(a, b)}`);
    const isHere = a === graph.current || b === graph.current;
    pen.strokeStyle = colour(isWeak ? "warn" : isHere ? "focus" : isTree ? "edge" : "line");
    pen.lineWidth = isWeak ? 3 : isTree ? 2 : 1;
    pen.setLineDash(isWeak ? [7, 5] : []);
    pen.beginPath();
    pen.moveTo(places[a].x, places[a].y);
    pen.lineTo(places[b].x, places[b].y);
    pen.stroke();
  }
  pen.setLineDash([]);
}

/** @param {import("./graph.js").Graph} graph @param {CanvasRenderingContext2D} pen @param {Place[]} places @param {(name: string) => string} colour */
function nodes(graph, pen, places, colour) {
  const dense = graph.data.nodes.length > 300 && graph.scale < 3;
  for (const [index, node] of graph.data.nodes.entries()) {
    const size = (dense ? 2.5 : 5) + Math.min(9, 2 * Math.log2(node.marks.length));
    pen.fillStyle = colour(graph.marked.has(index) ? "good" : "link");
    pen.beginPath();
    pen.arc(places[index].x, places[index].y, size, 0, 2 * Math.PI);
    pen.fill();
    if (graph.marked.has(index)) {
      pen.fillRect(places[index].x - size - 3, places[index].y - size - 3, 5, 5); // a sign beside the colour
    }
  }
  const { x, y } = places[graph.current];
  pen.strokeStyle = colour("focus");
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(x, y, 11, 0, 2 * Math.PI);
  pen.stroke();
}
