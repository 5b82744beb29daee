/** The editor: which photograph is open, what is being drawn on it and with what, and what the stage shows of it. */

import { coverage, loadMarks } from "./document/marks.js";
import { Picture } from "./stage/picture.js";
import { isSlip, TOOLS, touches } from "./stage/tools.js";

const SIZES = { least: 4, most: 300, step: 1.15 };

const HINTS = {
  remove: "Paint over what should go, then press Remove.",
  restore: "Paint over a spot to bring the original back.",
  avoid: "Paint over what must not be copied into the holes.",
};

/**
 * Tells of changes by events: "change"; "marked" after each mark, whose `detail` is the mark; "picked", whose `detail`
 * is the shape in which a thing is to be found.
 */
export class Editor extends EventTarget {
  constructor(stage, status, settings) {
    super();
    Object.assign(this, { stage, status, settings });
    this.history = null;
    this.tool = "brush";
    this.layer = "remove";
    this.split = null; // where the slider between before and after stands, in [0, 1]
    this.drawing = null;
    this.isBusy = false;
    this.grips = false; // the picture is moved, whatever the tool
    this.pointer = null;
    settings.addEventListener("change", () => this.#changed());
  }

  /**
   * Show a history from now on, or nothing.
   *
   * @param {History | null} history
   * @param {Picture} [picture] Its photograph, if it is loaded already.
   */
  async open(history, picture) {
    const original = history && (picture ?? (await Picture.load(history.photo.copy ?? history.photo.file)));
    this.close();
    this.history = history;
    this.original = this.picture = original;
    this.shownFile = history?.photo.file;
    history?.addEventListener("change", () => this.refresh());
    await this.refresh();
  }

  close() {
    this.turn = null;
    this.#dropPicture();
    this.original?.close();
    Object.assign(this, { history: null, original: null, picture: null, drawing: null, split: null });
    Object.assign(this, { tool: "brush", layer: "remove" });
    this.stage.show(null);
    this.#changed();
  }

  /** Load what the place in the history needs, and show it. */
  async refresh() {
    const { history } = this;
    if (!history) return;
    const { file } = history;
    const turn = (this.turn = Symbol("the last call"));
    await loadMarks(["remove", "restore", "avoid"].flatMap((layer) => history.marks(layer)));
    if (turn !== this.turn) return;
    if (file !== this.shownFile) {
      const picture = file === history.photo.file ? this.original : await this.#load(file);
      if (turn !== this.turn) return picture === this.original || picture.close();
      this.#dropPicture();
      this.picture = picture;
      this.shownFile = file;
    }
    if (!this.canCompare) this.split = null;
    if (!history.result && this.layer === "restore") this.layer = "remove";
    this.share = coverage(history.marks("remove"), history.photo);
    this.#show();
    this.#changed();
  }

  use(tool) {
    this.abandon();
    this.tool = tool;
    this.split = null;
    this.#show();
    if (this.history) this.status.say(`${TOOLS[tool].title}. ${this.#hint()}`);
    this.#changed();
  }

  markOn(layer) {
    if (layer === "restore" && !this.history?.result) {
      return this.status.say("Nothing has been removed yet, so there is nothing to bring back.");
    }
    this.layer = layer;
    if (this.tool === "hand") this.tool = "brush";
    this.split = null;
    this.#show();
    this.status.say(HINTS[layer]);
    this.#changed();
  }

  undo() {
    this.#step("Undone.", "There is nothing to undo.", this.history.canUndo, () => this.history.undo());
  }

  redo() {
    this.#step("Done again.", "There is nothing to do again.", this.history.canRedo, () => this.history.redo());
  }

  /** Show the whole picture. */
  fit() {
    this.stage.view.fit();
    this.stage.redraw();
  }

  /** Make the brush larger or smaller by a number of steps. */
  resizeBrush(steps) {
    const size = Math.round(this.settings.brush * SIZES.step ** steps) + Math.sign(steps);
    this.settings.set("brush", Math.min(SIZES.most, Math.max(SIZES.least, size)));
    this.hover(this.pointer);
  }

  /** The brush's diameter in pixels of the photograph. */
  get diameter() {
    return this.settings.brush / this.stage.view.scale;
  }

  /** Whether a drag moves the picture instead of drawing. */
  get moves() {
    return this.grips || this.tool === "hand" || this.isBusy || this.split !== null || !this.history;
  }

  begin(point) {
    const { Drawing } = TOOLS[this.tool];
    this.drawing = new Drawing(point, { diameter: this.diameter, scale: this.stage.view.scale });
    this.#show();
  }

  move(point) {
    if (!this.drawing) return;
    this.drawing.move(point);
    this.#show();
  }

  end() {
    if (!this.drawing) return;
    const { shape } = this.drawing;
    this.drawing = null;
    const { picks, operation } = TOOLS[this.tool];
    if (isSlip(shape, this.stage.view.scale) || !touches(shape, this.history.photo)) {
      this.#show();
      return this.status.say(`${TOOLS[this.tool].title}: drag over the picture.`);
    }
    if (!picks) return this.mark({ operation, shape });
    this.#show();
    this.dispatchEvent(new CustomEvent("picked", { detail: shape }));
  }

  abandon() {
    if (!this.drawing) return;
    this.drawing = null;
    this.#show();
  }

  /** Put a mark on the layer in use. */
  mark({ operation, shape }) {
    const mark = { kind: "mark", layer: this.layer, operation, shape };
    this.history.add(mark);
    this.share = coverage(this.history.marks("remove"), this.history.photo);
    this.dispatchEvent(new CustomEvent("marked", { detail: mark }));
  }

  /** The pointer is over a point of the photograph, or none. */
  hover(point) {
    this.pointer = point;
    const isShown = point && !this.moves && TOOLS[this.tool].Drawing && !this.tool.toLowerCase().endsWith("box");
    this.stage.ring(isShown ? point : null, this.tool === "lasso" ? 0 : this.diameter);
  }

  get canCompare() {
    return Boolean(this.history && (this.history.result || this.history.marks("restore").length));
  }

  compare(split = this.split === null ? 0.5 : null) {
    if (!this.canCompare) return this.status.say("There is no result to compare yet.");
    this.split = split === null ? null : Math.min(1, Math.max(0, split));
    this.hover(null);
    this.#show();
    this.#changed();
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    this.hover(this.pointer);
    this.#changed();
  }

  /** Say how far things are, in words. */
  tell() {
    const { share } = this;
    if (!this.history) return;
    if (!share) return this.status.say(this.#hint());
    const percent = share < 0.001 ? "less than 0.1" : (100 * share).toFixed(share < 0.1 ? 1 : 0);
    const advice = share > 0.6 ? "That is most of the picture: should the mask be inverted?" : "Press Remove when it covers the thing and its shadow.";
    this.status.say(`${percent} % of the picture is marked. ${advice}`);
  }

  #step(said, refused, isPossible, act) {
    if (this.isBusy) return;
    if (this.drawing) return this.abandon();
    if (isPossible) act();
    this.status.say(isPossible ? said : refused);
  }

  #hint() {
    return TOOLS[this.tool].picks
      ? `Draw ${this.tool === "pickBox" ? "a box around" : "roughly over"} a thing, and it is marked.`
      : HINTS[this.layer];
  }

  #show() {
    if (!this.history) return;
    const { history, picture, original, split, drawing } = this;
    const marks = Object.fromEntries(["remove", "avoid", "restore"].map((layer) => [layer, history.marks(layer)]));
    if (drawing) {
      const { picks, operation = "add" } = TOOLS[this.tool];
      marks[picks && this.layer === "restore" ? "remove" : this.layer].push({ operation, shape: drawing.shape });
    }
    this.stage.show({ photo: history.photo, picture, original, marks, split });
  }

  /** Add a result to the history. */
  async addResult({ file, ...facts }) {
    const picture = await Picture.load(file);
    this.loaded = { file, picture };
    this.history.add({ kind: "result", file, thumbnail: await picture.thumbnail(), ...facts });
  }

  #load(file) {
    const { loaded } = this;
    this.loaded = null;
    return loaded?.file === file ? loaded.picture : Picture.load(file);
  }

  #dropPicture() {
    if (this.picture !== this.original) this.picture.close();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
