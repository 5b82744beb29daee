/** Where the photograph lies on the stage: a scale and an offset, in CSS pixels. Pure arithmetic. */

const LARGEST = 32;
const LARGEST_FITTED = 2; // small photographs are not blown up further
const ROOM = 24; // around a picture that is fitted
const KEPT = 64; // of the picture stay on the stage, wherever it is moved to

export class View {
  constructor() {
    this.photo = { width: 1, height: 1 };
    this.stage = { width: 1, height: 1 };
    this.scale = 1;
    this.x = this.y = 0;
    this.fitted = true;
  }

  /** Another photograph, or a stage of another size; a picture that was fitted stays so. */
  lay({ photo = this.photo, stage = this.stage }) {
    this.fitted ||= photo !== this.photo;
    const middle = this.toPhoto(this.stage.width / 2, this.stage.height / 2);
    this.photo = photo;
    this.stage = stage;
    if (this.fitted) return this.fit();
    this.x = stage.width / 2 - middle.x * this.scale;
    this.y = stage.height / 2 - middle.y * this.scale;
    this.#keep();
  }

  get fittingScale() {
    const room = Math.min(ROOM, this.stage.width / 20);
    return Math.min(
      (this.stage.width - 2 * room) / this.photo.width,
      (this.stage.height - 2 * room) / this.photo.height,
      LARGEST_FITTED,
    );
  }

  fit() {
    this.fitted = true;
    this.scale = this.fittingScale;
    this.x = (this.stage.width - this.photo.width * this.scale) / 2;
    this.y = (this.stage.height - this.photo.height * this.scale) / 2;
  }

  /** Zoom by a factor; the point of the photograph under (x, y) stays there. */
  zoom(factor, x = this.stage.width / 2, y = this.stage.height / 2) {
    const fitting = this.fittingScale;
    if (factor < 1 && fitting <= 1 && this.scale * factor <= fitting) return this.fit();
    const scale = Math.min(LARGEST, Math.max(Math.min(fitting, 1), this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.#keep();
  }

  move(x, y) {
    this.x += x;
    this.y += y;
    this.fitted = false;
    this.#keep();
  }

  /** Move as little as shows a point of the photograph. */
  reveal(point) {
    const { x, y } = this.toStage(point);
    const into = (value, end) => Math.max(0, ROOM - value) - Math.max(0, value - (end - ROOM));
    const [right, down] = [into(x, this.stage.width), into(y, this.stage.height)];
    if (right || down) this.move(right, down);
  }

  toPhoto(x, y) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  toStage({ x, y }) {
    return { x: x * this.scale + this.x, y: y * this.scale + this.y };
  }

  #keep() {
    const within = (offset, length, end) => Math.min(end - KEPT, Math.max(KEPT - length, offset));
    this.x = within(this.x, this.photo.width * this.scale, this.stage.width);
    this.y = within(this.y, this.photo.height * this.scale, this.stage.height);
  }
}

/**
 * What a wheel event asks for: "size" of the brush, "zoom", or "move".
 *
 * A wheel turns in whole notches; two fingers on a touchpad move in both directions and in small steps, and pinching
 * them comes as a wheel with the control key.
 */
export function meaningOfWheel(event) {
  if (event.ctrlKey || event.metaKey) return "zoom";
  if (event.shiftKey || event.altKey) return "size";
  const notched = event.deltaMode !== 0 || (event.deltaX === 0 && event.wheelDeltaY % 120 === 0);
  return notched ? "zoom" : "move";
}
