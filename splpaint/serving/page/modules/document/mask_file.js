/**
 * Marks as a mask in a file: a PNG of one bit per pixel, white = marked, in the true size of the photograph.
 *
 * It is drawn and packed strip by strip, since a canvas of 50 megapixels is more than some devices have.
 */

import { drawMarks, loadMarks } from "./marks.js";

const STRIP_PIXELS = 1 << 21;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * @param {object[]} marks
 * @param {{width: number, height: number}} photo
 * @returns {Promise<{file: Blob, count: number}>} The file, and how many pixels are white.
 */
export async function maskFile(marks, photo) {
  await loadMarks(marks);
  const { width, height } = photo;
  const rows = Math.max(1, Math.min(height, Math.floor(STRIP_PIXELS / width)));
  const context = new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true });
  const deflate = new CompressionStream("deflate");
  const packed = new Response(deflate.readable).arrayBuffer();
  const writer = deflate.writable.getWriter();
  let count = 0;
  for (let top = 0; top < height; top += rows) {
    const here = Math.min(rows, height - top);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, rows);
    context.translate(0, -top);
    drawMarks(context, marks, photo);
    const strip = pack(context.getImageData(0, 0, width, here));
    count += strip.count;
    await writer.write(strip.bytes);
  }
  await writer.close();
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 1); // bits per pixel; grey, plain compression, filters by row, not interlaced
  const parts = [
    new Uint8Array(SIGNATURE),
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...chunk("IDAT", new Uint8Array(await packed)),
    ...chunk("IEND", new Uint8Array()),
  ];
  return { file: new Blob(parts, { type: "image/png" }), count };
}

/** RGBA pixels => rows of bits, each row behind the number of its filter, 0. */
function pack({ data, width, height }) {
  const stride = 1 + Math.ceil(width / 8);
  const bytes = new Uint8Array(stride * height);
  let count = 0;
  for (let y = 0, alpha = 3; y < height; y++) {
    const row = y * stride + 1;
    for (let x = 0; x < width; x++, alpha += 4) {
      if (data[alpha] < 128) continue;
      bytes[row + (x >> 3)] |= 0x80 >> (x & 7);
      count++;
    }
  }
  return { bytes, count };
}

function chunk(name, body) {
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, body.length);
  [...name].forEach((letter, index) => head.setUint8(4 + index, letter.charCodeAt(0)));
  const foot = new DataView(new ArrayBuffer(4));
  foot.setUint32(0, checksum(new Uint8Array(head.buffer, 4), body));
  return [head, body, foot];
}

const CRC = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(...parts) {
  let crc = -1;
  for (const part of parts) for (const byte of part) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
