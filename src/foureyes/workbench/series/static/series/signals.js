// @ts-check
/**
 * What the grid tells the panels beside it, and what it hears from them: events and data of `#grid`.
 *
 * Told: `grid:ready`; `grid:here` ({mark}, the one stood on); `grid:chosen` ({marks}); `grid:revealed` ({marks}
 * that are sharp now). The same stands in `data-here`, `data-chosen` and `data-revealed` (marks between blanks)
 * and `data-ready`, for a panel that comes later. Heard: `grid:go` ({mark}) stands on a media and brings it
 * into sight; `grid:choose` ({marks}) chooses these instead of what was chosen. Knows nothing of any panel.
 */

/** @typedef {import("./grid.js").Grid} Grid */

/** @param {HTMLElement} root @param {string} name @param {string[]} marks */
function put(root, name, marks) {
  const told = marks.join(" ");
  if (root.dataset[name] === told) return false;
  root.dataset[name] = told;
  return true;
}

/** Tells what is stood on and chosen, where that changed. @param {Grid} grid */
export function tellChoice(grid) {
  const { root, table } = grid;
  const here = table.marks[grid.stacks[grid.current]?.[0] ?? -1] ?? "";
  if (put(root, "here", here ? [here] : [])) root.dispatchEvent(new CustomEvent("grid:here", { bubbles: true, detail: { mark: here } }));
  const marks = table.marks.filter((_, index) => grid.chosen.has(index));
  if (put(root, "chosen", marks)) root.dispatchEvent(new CustomEvent("grid:chosen", { bubbles: true, detail: { marks } }));
}

/** Tells what is sharp now, where that changed. @param {Grid} grid @param {string[]} marks */
export function tellRevealed(grid, marks) {
  if (put(grid.root, "revealed", marks)) grid.root.dispatchEvent(new CustomEvent("grid:revealed", { bubbles: true, detail: { marks } }));
}

/** Says that the grid is there, and listens to the panels. @param {Grid} grid */
export function listenToPanels(grid) {
  const { root, table } = grid;
  const at = new Map(table.marks.map((mark, index) => [mark, index]));
  root.addEventListener("grid:go", (event) => {
    const index = at.get(/** @type {CustomEvent<{mark: string}>} */ (event).detail.mark);
    const place = index === undefined ? -1 : grid.placeOf(index);
    if (place >= 0) grid.goTo(place);
  });
  root.addEventListener("grid:choose", (event) => {
    const indexes = /** @type {CustomEvent<{marks: string[]}>} */ (event).detail.marks.map((mark) => at.get(mark));
    grid.chooseThese(indexes.filter((index) => index !== undefined));
  });
  root.dataset.ready = "yes";
  root.dispatchEvent(new CustomEvent("grid:ready", { bubbles: true }));
}
