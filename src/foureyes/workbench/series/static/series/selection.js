// @ts-check
/** Which media are chosen, by index; each change can be undone. Knows nothing of tiles. */

const KEPT = 100;

export class Selection {
  constructor() {
    /** @type {Set<number>} */
    this.chosen = new Set();
    /** @type {Set<number>[]} */
    this.before = [];
    /** @type {Set<number>[]} */
    this.after = [];
  }

  /** Chooses these and no others. @param {Iterable<number>} indexes */
  set(indexes) {
    const next = new Set(indexes);
    if (next.size === this.chosen.size && [...next].every((index) => this.chosen.has(index))) return;
    this.before.push(this.chosen);
    if (this.before.length > KEPT) this.before.shift();
    this.after = [];
    this.chosen = next;
  }

  /** Adds these, or takes them out. @param {Iterable<number>} indexes @param {boolean} on */
  change(indexes, on) {
    const next = new Set(this.chosen);
    for (const index of indexes) on ? next.add(index) : next.delete(index);
    this.set(next);
  }

  /** Says whether there was anything to undo. */
  undo() {
    const last = this.before.pop();
    if (!last) return false;
    this.after.push(this.chosen);
    this.chosen = last;
    return true;
  }

  /** Says whether there was anything to do again. */
  redo() {
    const next = this.after.pop();
    if (!next) return false;
    this.before.push(this.chosen);
    this.chosen = next;
    return true;
  }
}
