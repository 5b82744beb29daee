/** The stage: the photograph, what is marked on it, the brush, and the slider between before and after. */

import { drawMarks } from "../document/marks.js";
import { View } from "./view.js";

const SHARPEST = 2; // pixels of the screen that are drawn per CSS pixel

export class Stage {
  /** @param {HTMLElement} element Holds the canvases, the brush's ring and the slider. */
  constructor(element) {
    this.element = element;
    this.view = new View();
    this.shown = null;
    this.canvases = Object.fromEntries(
      ["picture", "remove", "avoid"].map((name) => [name, element.querySelector(`canvas.${name}`)]),
    );
    this.brush = element.querySelector(".brush");
    this.slider = element.querySelector(".slider");
    this.colours = getComputedStyle(element);
    new ResizeObserver(() => this.#resize()).observe(element);
  }

  /**
   * Show a state, from now on.
   *
   * @param {object} shown `{photo, picture, original, marks: {remove, avoid, restore}, split}`: pictures as bitmaps,
   *   marks by layer, and where the slider stands in [0, 1], or null.
   */
  show(shown) {
    this.shown = shown;
    if (shown && shown.photo !== this.view.photo) this.view.lay({ photo: shown.photo });
    this.redraw();
  }

  /** Draw before the next frame. */
  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.#draw();
    });
  }

  /** Where a pointer is, in pixels of the photograph. */
  pointOf(event) {
    const box = this.element.getBoundingClientRect();
    return this.view.toPhoto(event.clientX - box.left, event.clientY - box.top);
  }

  /** Show the ring of a brush around a point of the photograph; none hides it. */
  ring(point, diameter) {
    this.brush.hidden = !point;
    if (!point) return;
    const { x, y } = this.view.toStage(point);
    const side = Math.max(4, diameter * this.view.scale);
    this.brush.style.width = this.brush.style.height = `${side}px`;
    this.brush.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`;
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const ratio = Math.min(devicePixelRatio, SHARPEST);
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.view.lay({ stage: { width, height } });
    if (this.frame) cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.#draw();
  }

  #draw() {
    for (const name of ["remove", "avoid"]) clear(this.canvases[name]);
    if (!this.shown) return this.#clearPicture();
    const { split } = this.shown;
    this.#drawPicture();
    this.slider.hidden = split === null;
    if (split !== null) this.#placeSlider(split);
    else for (const name of ["remove", "avoid"]) this.#drawLayer(name);
    this.element.dispatchEvent(new Event("drawn"));
  }

  #clearPicture() {
    clear(this.canvases.picture);
    this.drawn = null;
  }

  /** Draw the picture, if it is not drawn so already: while one paints, only the marks change. */
  #drawPicture() {
    const { photo, picture, original, marks, split } = this.shown;
    const { scale, x, y } = this.view;
    const { width, height } = this.canvases.picture;
    const back = marks.restore.flatMap(({ shape }) => [shape, shape.points?.length, shape.width, shape.height]);
    const drawn = [picture, original, split, scale, x, y, width, height, ...back];
    if (this.drawn?.length === drawn.length && drawn.every((each, index) => each === this.drawn[index])) return;
    this.#clearPicture();
    this.drawn = drawn;
    const context = this.#context("picture");
    const seen = this.#seen();
    const sharpness = scale * this.#ratio;
    context.fillStyle = this.colours.getPropertyValue("--paper"); // under transparent pictures
    context.fillRect(0, 0, photo.width, photo.height);
    picture.draw(context, seen, sharpness);
    if (marks.restore.length) this.#drawBroughtBack(context, seen, sharpness);
    if (split !== null) {
      const box = { ...seen, width: Math.min(seen.x + seen.width, photo.width * split) - seen.x };
      context.beginPath();
      context.rect(0, 0, photo.width * split, photo.height);
      context.save();
      context.clip();
      original.draw(context, box, sharpness);
      context.restore();
    }
  }

  /** The original, through what is marked to be brought back. */
  #drawBroughtBack(context, seen, sharpness) {
    const { photo, original, marks } = this.shown;
    const layer = new OffscreenCanvas(context.canvas.width, context.canvas.height).getContext("2d");
    layer.setTransform(context.getTransform());
    drawMarks(layer, marks.restore, photo);
    layer.globalCompositeOperation = "source-in";
    original.draw(layer, seen, sharpness);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(layer.canvas, 0, 0);
    context.restore();
  }

  #drawLayer(name) {
    const context = this.#context(name);
    drawMarks(context, this.shown.marks[name], this.shown.photo, this.colours.getPropertyValue(`--${name}`).trim());
    if (name === "avoid") hatch(context);
  }

  #placeSlider(split) {
    const { photo } = this.shown;
    const { x } = this.view.toStage({ x: photo.width * split, y: 0 });
    this.slider.style.transform = `translateX(${x}px)`;
  }

  #context(name) {
    const context = this.canvases[name].getContext("2d");
    const { scale, x, y } = this.view;
    context.setTransform(this.#ratio * scale, 0, 0, this.#ratio * scale, this.#ratio * x, this.#ratio * y);
    return context;
  }

  get #ratio() {
    return this.canvases.picture.width / this.view.stage.width;
  }

  /** The part of the photograph that is on the stage. */
  #seen() {
    const { stage } = this.view;
    const corner = this.view.toPhoto(0, 0);
    const end = this.view.toPhoto(stage.width, stage.height);
    return { ...corner, width: end.x - corner.x, height: end.y - corner.y };
  }
}

function clear(canvas) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
}

/** Stripes through whatever is drawn, so that a layer is told by more than its colour. */
function hatch(context) {
  const { width, height } = context.canvas;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "destination-out";
  context.lineWidth = 5;
  context.beginPath();
  for (let x = -height; x < width; x += 14) {
    context.moveTo(x, 0);
    context.lineTo(x + height, height);
  }
  context.stroke();
  context.restore();
}
