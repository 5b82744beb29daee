/**
 * Marks as shapes in pixels of the photograph, and how they are drawn, at any scale: on the screen and into masks.
 *
 * A mark is `{kind: "mark", layer, operation, shape}`. Its operation adds the shape to the layer, erases it from there,
 * or inverts the layer where the shape is. A shape is one of
 *
 * - `{form: "stroke", points: [x, y, ...], diameter}`
 * - `{form: "box", x, y, width, height}`
 * - `{form: "lasso", points: [x, y, ...]}`
 * - `{form: "mask", file, x, y, width, height}`: a picture whose white is meant, stretched over that box
 * - `{form: "all"}`
 */

const OPERATIONS = { add: "source-over", erase: "destination-out", invert: "xor" };
const HALF = 128;

/** Mask shape => its white as an opaque bitmap; what was loaded is drawn. */
const bitmaps = new WeakMap();

/**
 * Draw marks in order; the canvas holds nothing but them.
 *
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context Scaled from pixels of the photograph.
 * @param {object[]} marks
 * @param {{width: number, height: number}} photo
 * @param {string} colour Opaque.
 */
export function drawMarks(context, marks, photo, colour = "#fff") {
  context.save();
  context.beginPath();
  context.rect(0, 0, photo.width, photo.height);
  context.clip();
  context.fillStyle = context.strokeStyle = colour;
  context.lineCap = context.lineJoin = "round";
  for (const { operation, shape } of marks) {
    context.globalCompositeOperation = OPERATIONS[operation];
    FORMS[shape.form](context, shape, photo);
  }
  context.restore();
}

/** Load the pictures among the shapes of marks; must be done before these are drawn. */
export async function loadMarks(marks) {
  const shapes = marks.map((mark) => mark.shape).filter((shape) => shape.form === "mask" && !bitmaps.has(shape));
  for (const shape of shapes) bitmaps.set(shape, await whiteOf(shape.file));
}

/** The share of the photograph that marks cover, in [0, 1]; exact to a hundredth of a percent or so. */
export function coverage(marks, photo) {
  if (!marks.length) return 0;
  const scale = Math.min(1, 512 / Math.max(photo.width, photo.height));
  const [width, height] = [photo.width, photo.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.scale(width / photo.width, height / photo.height);
  drawMarks(context, marks, photo);
  const { data } = context.getImageData(0, 0, width, height);
  let sum = 0;
  for (let index = 3; index < data.length; index += 4) sum += data[index];
  return sum / (255 * width * height);
}

/** The box around the points of a stroke or lasso, or a box itself. */
export function bounds(shape) {
  if (shape.form === "box") return shape;
  const xs = shape.points.filter((_, index) => index % 2 === 0);
  const ys = shape.points.filter((_, index) => index % 2 === 1);
  const room = (shape.diameter ?? 0) / 2;
  const [x, y] = [Math.min(...xs) - room, Math.min(...ys) - room];
  return { x, y, width: Math.max(...xs) + room - x, height: Math.max(...ys) + room - y };
}

const FORMS = {
  stroke(context, { points, diameter }) {
    context.beginPath();
    if (points.length === 2) {
      context.arc(points[0], points[1], diameter / 2, 0, 2 * Math.PI);
      return context.fill();
    }
    context.lineWidth = diameter;
    context.moveTo(points[0], points[1]);
    for (let index = 2; index < points.length - 2; index += 2) {
      const [x, y] = [points[index], points[index + 1]];
      context.quadraticCurveTo(x, y, (x + points[index + 2]) / 2, (y + points[index + 3]) / 2);
    }
    context.lineTo(points.at(-2), points.at(-1));
    context.stroke();
  },
  box(context, { x, y, width, height }) {
    context.fillRect(x, y, width, height);
  },
  lasso(context, { points }) {
    context.beginPath();
    for (let index = 0; index < points.length; index += 2) context.lineTo(points[index], points[index + 1]);
    context.fill();
  },
  mask(context, shape) {
    const bitmap = bitmaps.get(shape);
    if (!bitmap) return;
    context.imageSmoothingEnabled = bitmap.width !== shape.width;
    // The bitmap is white: where the layer has a colour, it is drawn through a canvas of that colour.
    context.drawImage(tinted(bitmap, context.fillStyle), shape.x, shape.y, shape.width, shape.height);
  },
  all(context, _, photo) {
    context.fillRect(0, 0, photo.width, photo.height);
  },
};

/** The white of a mask's file, or what is opaque where it has one colour on a transparent ground. */
async function whiteOf(file) {
  const picture = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  picture.close();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = pixels;
  const isWhite = (index) => data[index + 3] * luminance(data, index) >= HALF * 255;
  const isOpaque = (index) => data[index + 3] >= HALF;
  let white = 0;
  let clear = 0;
  for (let index = 0; index < data.length; index += 4) {
    white += isWhite(index);
    clear += !isOpaque(index);
  }
  const marked = white === 0 && clear > 0 ? isOpaque : isWhite;
  for (let index = 0; index < data.length; index += 4) {
    const alpha = marked(index) ? 255 : 0;
    data.fill(255, index, index + 3);
    data[index + 3] = alpha;
  }
  context.putImageData(pixels, 0, 0);
  return canvas.transferToImageBitmap();
}

function luminance(data, index) {
  return 0.299 * data[index] + 0.587 * data[index + 1] + 0.114 * data[index + 2];
}

/** Bitmap => colour => the bitmap in that colour. */
const tints = new WeakMap();

function tinted(bitmap, colour) {
  const made = tints.get(bitmap) ?? new Map();
  tints.set(bitmap, made);
  if (!made.has(colour)) {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = colour;
    context.fillRect(0, 0, bitmap.width, bitmap.height);
    made.set(colour, canvas);
  }
  return made.get(colour);
}
