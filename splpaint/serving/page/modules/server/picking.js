/** What is sent to find a thing in: the surroundings of a box or stroke, in a size that is fast to search. */

import { bounds, drawMarks } from "../document/marks.js";

const SIDE = 1024;
const AROUND = 0.5; // of the longer side of the box, on each side of it
const LEAST_AROUND = 32;

/**
 * @param {object} shape A box or a stroke.
 * @param {object} shown What the stage shows.
 * @returns {Promise<{crop: object, fields: object}>} The box that is sent, in pixels of the photograph, and the request.
 */
export async function cropAround(shape, { photo, picture, original, marks }) {
  const box = bounds(shape);
  const room = Math.max(LEAST_AROUND, AROUND * Math.max(box.width, box.height));
  const crop = inside(
    { x: box.x - room, y: box.y - room, width: box.width + 2 * room, height: box.height + 2 * room },
    photo,
  );
  const scale = Math.min(1, SIDE / Math.max(crop.width, crop.height));
  const canvas = () => {
    const context = new OffscreenCanvas(
      Math.max(1, Math.round(crop.width * scale)),
      Math.max(1, Math.round(crop.height * scale)),
    ).getContext("2d");
    context.scale(context.canvas.width / crop.width, context.canvas.height / crop.height);
    context.translate(-crop.x, -crop.y);
    return context;
  };
  const image = canvas();
  picture.draw(image, crop, scale);
  if (marks.restore.length) {
    const back = canvas();
    drawMarks(back, marks.restore, photo);
    back.globalCompositeOperation = "source-in";
    original.draw(back, crop, scale);
    image.drawImage(back.canvas, crop.x, crop.y, crop.width, crop.height);
  }
  const fields = { image: await image.canvas.convertToBlob({ type: "image/png" }) };
  if (shape.form === "box") {
    const meant = inside(shape, photo);
    const [left, top] = [(meant.x - crop.x) * scale, (meant.y - crop.y) * scale].map(Math.floor);
    fields.box = [left, top, ...[meant.width * scale, meant.height * scale].map(Math.ceil)].join(",");
  } else {
    const stroke = canvas();
    drawMarks(stroke, [{ operation: "add", shape }], photo);
    stroke.globalCompositeOperation = "destination-over";
    stroke.fillRect(crop.x, crop.y, crop.width, crop.height);
    fields.stroke = await stroke.canvas.convertToBlob({ type: "image/png" });
  }
  return { crop, fields };
}

/** The part of a box that lies in the photograph, in whole pixels. */
function inside({ x, y, width, height }, photo) {
  const [left, top] = [Math.max(0, Math.floor(x)), Math.max(0, Math.floor(y))];
  return {
    x: left,
    y: top,
    width: Math.min(photo.width, Math.ceil(x + width)) - left,
    height: Math.min(photo.height, Math.ceil(y + height)) - top,
  };
}
