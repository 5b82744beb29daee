/** Tools: what a movement over the photograph becomes. */

import { bounds } from "../document/marks.js";

const CLOSEST = 0.5; // pixels of the screen between two points that are kept

class Stroke {
  constructor(point, { diameter, scale }) {
    this.shape = { form: "stroke", points: [point.x, point.y], diameter };
    this.step = CLOSEST / scale;
  }

  move({ x, y }) {
    const { points } = this.shape;
    if (Math.hypot(x - points.at(-2), y - points.at(-1)) >= this.step) points.push(x, y);
  }
}

class Box {
  constructor(point) {
    this.start = point;
    this.move(point);
  }

  move({ x, y }) {
    this.shape = {
      form: "box",
      x: Math.min(x, this.start.x),
      y: Math.min(y, this.start.y),
      width: Math.abs(x - this.start.x),
      height: Math.abs(y - this.start.y),
    };
  }
}

class Lasso extends Stroke {
  constructor(point, options) {
    super(point, options);
    this.shape = { form: "lasso", points: this.shape.points };
  }
}

/** By name: the words for it, how it draws, and what drawing does. */
export const TOOLS = {
  brush: { title: "Brush", Drawing: Stroke, operation: "add" },
  erase: { title: "Eraser", Drawing: Stroke, operation: "erase" },
  box: { title: "Rectangle", Drawing: Box, operation: "add" },
  lasso: { title: "Lasso", Drawing: Lasso, operation: "add" },
  pickBox: { title: "Select by a box", Drawing: Box, picks: true },
  pickStroke: { title: "Select by a rough stroke", Drawing: Stroke, picks: true },
  hand: { title: "Hand" },
};

/** Whether a shape is too small to be meant: a click with a tool that needs a drag. */
export function isSlip(shape, scale) {
  if (shape.form === "stroke") return false;
  const { width, height } = bounds(shape);
  return Math.min(width, height) * scale < 3;
}

/** Whether any of a shape lies on the photograph. */
export function touches(shape, photo) {
  const { x, y, width, height } = bounds(shape);
  return x < photo.width && y < photo.height && x + width > 0 && y + height > 0;
}
