/** Files of pictures as bitmaps for the screen. */

// A device that is held in the hand shows large photographs reduced; their files are sent and kept as they are.
const SHOWN_PIXELS = matchMedia("(pointer: coarse)").matches ? 12e6 : 64e6;
const OVERVIEW_SIDE = 2048;
const THUMBNAIL_SIDE = 160;

export class Picture {
  /**
   * @param {Blob} file
   * @returns {Promise<Picture>}
   * @throws {DOMException} The browser cannot show this format, or the file is damaged.
   */
  static async load(file) {
    const url = URL.createObjectURL(file);
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      const size = { width: image.naturalWidth, height: image.naturalHeight };
      const bitmap = await reduced(image, size, Math.sqrt(SHOWN_PIXELS / (size.width * size.height)));
      const overview = await reduced(bitmap, bitmap, OVERVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
      return new Picture(size, bitmap, overview);
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  constructor({ width, height }, bitmap, overview) {
    this.width = width;
    this.height = height;
    this.bitmap = bitmap;
    this.overview = overview;
  }

  /** Whether the screen shows fewer pixels than the file has. */
  get isReduced() {
    return this.bitmap.width < this.width;
  }

  /** Draw the part inside a box, in pixels of the photograph, that a context of this scale needs. */
  draw(context, box, scale) {
    const source = scale * this.width <= this.overview.width ? this.overview : this.bitmap;
    const ratio = source.width / this.width;
    const left = Math.max(0, Math.floor(box.x));
    const top = Math.max(0, Math.floor(box.y));
    const width = Math.min(this.width, Math.ceil(box.x + box.width)) - left;
    const height = Math.min(this.height, Math.ceil(box.y + box.height)) - top;
    if (width <= 0 || height <= 0) return;
    context.imageSmoothingEnabled = scale < 3 || this.isReduced;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      source,
      left * ratio, top * ratio, width * ratio, height * ratio,
      left, top, width, height,
    );
  }

  /** A small JPEG for the list of results. */
  async thumbnail() {
    const scale = THUMBNAIL_SIDE / Math.max(this.width, this.height);
    const [width, height] = [this.width, this.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(this.overview, 0, 0, width, height);
    return canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  }

  close() {
    this.bitmap.close();
    this.overview.close();
  }
}

function reduced(source, { width, height }, scale) {
  if (scale >= 1) return createImageBitmap(source);
  return createImageBitmap(source, {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: "medium",
  });
}
