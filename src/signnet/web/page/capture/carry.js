// Hands pictures to MediaPipe without the way through WebGL.
//
// MediaPipe uploads every picture as a texture, and its trackers on the processor read it
// back at once. That holds some 400 MB of buffers and keeps the processor waiting. Here the
// canvas that it is given keeps the picture's pixels, and gives them when they are read.

const RGBA = 0x1908; // WebGL's numbers
const BYTES = 0x1401;

/** Make a canvas for a landmarker on the processor, which gets its pictures as ImageData. */
export function carryingCanvas() {
  const canvas = new OffscreenCanvas(1, 1);
  const gl = canvas.getContext("webgl2");
  let carried = null;
  gl.texImage2D = (...given) => {
    carried = given.at(-1);
    if (!(carried instanceof ImageData)) throw new Error("a picture that is no ImageData");
  };
  gl.readPixels = (left, top, width, height, format, type, target, start) => {
    const isWhole = !left && !top && width === carried.width && height === carried.height;
    if (!isWhole || format !== RGBA || type !== BYTES)
      throw new Error("a picture is read in another form than it has");
    target.set(carried.data, start);
  };
  return canvas;
}

let pixels = null; // reused: a picture takes a megabyte and a half
let surface = null;

/**
 * Read the pixels of a picture, and close it.
 *
 * @param {VideoFrame|ImageBitmap} picture
 * @param {number} width of the pixels wanted
 * @param {number} height
 * @returns {Promise<ImageData>} overwritten by the next call
 */
export async function pixelsOf(picture, width, height) {
  try {
    return (await copied(picture, width, height)) ?? drawn(picture, width, height);
  } finally {
    picture.close();
  }
}

/** Copy a picture that has the wanted size, where the browser can; drawing takes longer. */
async function copied(picture, width, height) {
  const { visibleRect, rotation, flip } = picture;
  if (visibleRect?.width !== width || visibleRect.height !== height) return null;
  if (rotation || flip) return null;
  if (pixels?.width !== width || pixels.height !== height) pixels = new ImageData(width, height);
  try {
    await picture.copyTo(pixels.data, { format: "RGBA" });
    return pixels;
  } catch {
    return null; // a browser that copies in the camera's format alone
  }
}

function drawn(picture, width, height) {
  if (surface?.canvas.width !== width || surface.canvas.height !== height) {
    const canvas = new OffscreenCanvas(width, height);
    surface = canvas.getContext("2d", { willReadFrequently: true });
    surface.imageSmoothingQuality = "medium";
  }
  surface.drawImage(picture, 0, 0, width, height);
  return surface.getImageData(0, 0, width, height);
}

const STEP = 401; // pixels from one that is looked at to the next; a prime, so no columns

/** Measure the mean brightness of pixels, 0 black to 1 white. */
export function brightnessOf({ data }) {
  let [sum, count] = [0, 0];
  for (let at = 0; at < data.length; at += 4 * STEP, count++)
    sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
  return sum / (255 * count);
}
