/**
 * What a person has done to one photograph: a line of entries and a place in it.
 *
 * An entry is a mark, drawn on a layer, or a result, which becomes the picture. Nothing is ever changed, so undo and
 * redo only move the place, and the state of everything else is read off the entries before it.
 */

/** @typedef {"remove" | "restore" | "avoid"} Layer */

export class History extends EventTarget {
  /**
   * @param {object} photo The photograph as it was opened: `{file, name, width, height}`.
   * @param {object[]} entries
   * @param {number} place How many of the entries hold.
   */
  constructor(photo, entries = [], place = entries.length) {
    super();
    this.photo = photo;
    this.entries = entries;
    this.place = place;
  }

  /** Put an entry behind the place; what had been undone is gone. */
  add(entry) {
    this.entries = [...this.entries.slice(0, this.place), entry];
    this.goTo(this.entries.length);
  }

  undo() {
    this.goTo(this.place - 1);
  }

  redo() {
    this.goTo(this.place + 1);
  }

  goTo(place) {
    this.place = Math.max(0, Math.min(place, this.entries.length));
    this.dispatchEvent(new Event("change"));
  }

  get canUndo() {
    return this.place > 0;
  }

  get canRedo() {
    return this.place < this.entries.length;
  }

  /** The last result, or undefined while the photograph is as it was opened. */
  get result() {
    return this.entries[this.#lastResult()];
  }

  /** The file that is the picture now, but for what has been brought back since. */
  get file() {
    return this.result?.file ?? this.photo.file;
  }

  /** The results, each with the place behind it. */
  get results() {
    return this.entries
      .map((entry, index) => ({ ...entry, place: index + 1 }))
      .filter((entry) => entry.kind === "result");
  }

  /**
   * The marks of a layer. A result has used up what was to be removed and what was brought back; what may not be
   * copied from stays so.
   *
   * @param {Layer} layer
   */
  marks(layer) {
    const since = layer === "avoid" ? 0 : this.#lastResult() + 1;
    return this.entries
      .slice(since, this.place)
      .filter((entry) => entry.kind === "mark" && entry.layer === layer);
  }

  #lastResult() {
    return this.entries.slice(0, this.place).findLastIndex((entry) => entry.kind === "result");
  }
}
