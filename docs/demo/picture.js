// Pictures as planes of numbers in [0, 1], and back.

export const MEGAPIXELS = 16;

/** What is wrong with a picture, in words for the person who chose it. */
export class PictureError extends Error {}

/**
 * Reads a picture that the browser can decode.
 *
 * @param {Blob} blob
 * @returns {Promise<{width: number, height: number, planes: Float32Array[], alpha: Uint8Array}>} One
 *     plane if the picture is grey, else three.
 */
export async function decode(blob) {
  let bitmap;
  try {
    // The numbers of the file, not those that suit the screen.
    bitmap = await createImageBitmap(blob, {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch {
    throw new PictureError("This is not a picture that the browser can read. PNG, JPEG and WebP work.");
  }
  const { width, height } = bitmap;
  if (width * height > MEGAPIXELS * 1e6) {
    bitmap.close();
    const size = ((width * height) / 1e6).toFixed(1);
    throw new PictureError(
      `The picture has ${width} × ${height} pixels, ${size} megapixels; ` +
        `at most ${MEGAPIXELS} are taken. Make it smaller first.`,
    );
  }
  const context = canvasContext(new OffscreenCanvas(width, height));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return fromPixels(context.getImageData(0, 0, width, height));
}

/** Planes of an `ImageData`. */
function fromPixels({ data, width, height }) {
  const count = width * height;
  const planes = [0, 1, 2].map(() => new Float32Array(count));
  const alpha = new Uint8Array(count);
  let grey = true;
  for (let k = 0; k < count; k++) {
    const [red, green, blue] = [data[4 * k], data[4 * k + 1], data[4 * k + 2]];
    grey &&= red === green && green === blue;
    planes[0][k] = red / 255;
    planes[1][k] = green / 255;
    planes[2][k] = blue / 255;
    alpha[k] = data[4 * k + 3];
  }
  return { width, height, planes: grey ? planes.slice(0, 1) : planes, alpha };
}

/** The same picture with Gaussian noise, the same noise each time; values may leave [0, 1]. */
export function withNoise(picture, sigma) {
  const random = generator(1);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return { ...picture, planes: picture.planes.map((plane) => plane.map((v) => v + sigma * normal())) };
}

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Peak signal-to-noise ratio in dB of what would be shown. */
export function psnr(picture, original) {
  let sum = 0;
  let count = 0;
  picture.planes.forEach((plane, c) => {
    plane.forEach((value, k) => {
      sum += (Math.min(1, Math.max(0, value)) - original.planes[c][k]) ** 2;
    });
    count += plane.length;
  });
  return -10 * Math.log10(sum / count);
}

/** Shows a picture on a canvas, rounded and clipped to 8 bits. */
export function draw(picture, canvas) {
  const { width, height, planes, alpha } = picture;
  const image = new ImageData(width, height);
  const [red, green, blue] = planes.length === 1 ? [planes[0], planes[0], planes[0]] : planes;
  for (let k = 0; k < alpha.length; k++) {
    // A clamped array rounds and clips by itself.
    image.data[4 * k] = 255 * red[k];
    image.data[4 * k + 1] = 255 * green[k];
    image.data[4 * k + 2] = 255 * blue[k];
    image.data[4 * k + 3] = alpha[k];
  }
  canvas.width = width;
  canvas.height = height;
  canvasContext(canvas).putImageData(image, 0, 0);
}

function canvasContext(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true });
}
