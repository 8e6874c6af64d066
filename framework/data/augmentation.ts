import type { RandomStream } from "../base/random.ts";
import type { RgbaImage } from "./image.ts";
import { asImageSize, type ImageSize } from "./transforms/imageSize.ts";

/** Where a picture's pixels go: flip, then scale and turn about the centre, then shift. */
export interface ImageTransform {
  /** Mirrors left and right. */
  readonly flip: boolean;
  /** 1 keeps the size. */
  readonly scale: number;
  /** Clockwise. */
  readonly rotationDegrees: number;
  /** To the right and downwards, as a fraction of the frame's side. */
  readonly shiftX: number;
  readonly shiftY: number;
}

export const identityTransform: ImageTransform = {
  flip: false,
  scale: 1,
  rotationDegrees: 0,
  shiftX: 0,
  shiftY: 0,
};

/** Ranges that `drawTransform` draws from, each uniformly. */
export interface AugmentationOptions {
  /** Mirror every other picture. */
  flip?: boolean;
  scale?: readonly [smallest: number, largest: number];
  /** Largest turn to either side. */
  rotationDegrees?: number;
  /** Largest shift to either side, as a fraction of the frame. */
  shift?: number;
  /** What must stay within the frame where it can; the whole picture may be cut otherwise. */
  keepInside?: Bounds;
}

/** A box as fractions of the frame: 0 is the left or top edge, 1 the right or bottom one. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The smallest box around all pixels of alpha >= 16; the whole frame for an empty picture. */
export function visibleBounds({ width, height, data }: RgbaImage): Bounds {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 3; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      if (data[i]! < 16) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  if (right === 0) return { left: 0, top: 0, right: 1, bottom: 1 };
  return { left: left / width, top: top / height, right: right / width, bottom: bottom / height };
}

/** Draws a transform; the same five numbers are drawn whatever the options, so options commute. */
export function drawTransform(random: RandomStream, options: AugmentationOptions): ImageTransform {
  const { flip = false, scale = [1, 1], rotationDegrees = 0, shift = 0, keepInside } = options;
  const [smallest, largest] = scale;
  const mirrored = random.uniform() < 0.5 && flip;
  const limit = keepInside
    ? Math.max(smallest, Math.min(largest, largestFit(keepInside)))
    : largest;
  const drawnScale = smallest + (limit - smallest) * random.uniform();
  const angle = rotationDegrees * (2 * random.uniform() - 1);
  const drawnX = shift * (2 * random.uniform() - 1);
  const drawnY = shift * (2 * random.uniform() - 1);
  const [shiftX, shiftY] = keepInside
    ? [
        shiftWithin(drawnX, ...sides(keepInside.left, keepInside.right, mirrored), drawnScale),
        shiftWithin(drawnY, keepInside.top, keepInside.bottom, drawnScale),
      ]
    : [drawnX, drawnY];
  return { flip: mirrored, scale: drawnScale, rotationDegrees: angle, shiftX, shiftY };
}

/** The scale at which the longer side of the box fills the frame. */
function largestFit({ left, top, right, bottom }: Bounds): number {
  return 1 / Math.max(right - left, bottom - top);
}

function sides(low: number, high: number, mirrored: boolean): [low: number, high: number] {
  return mirrored ? [1 - high, 1 - low] : [low, high];
}

/** The shift nearest to `shift` that keeps the scaled interval in [0, 1]; centres a longer one. */
function shiftWithin(shift: number, low: number, high: number, scale: number): number {
  const start = 0.5 + (low - 0.5) * scale;
  const end = 0.5 + (high - 0.5) * scale;
  if (end - start >= 1) return 0.5 - (start + end) / 2;
  return Math.min(Math.max(shift, -start), 1 - end);
}

/**
 * Moves a picture by a transform into a frame, with bilinear interpolation of premultiplied
 * colours; outside the picture everything is transparent. The source is stretched to the frame
 * first: a source of twice the frame's size gives the sharpest result, as each output pixel then
 * covers about the two by two pixels that it interpolates.
 *
 * Plain arithmetic rather than a library's, so that a seed means the same pixels everywhere.
 *
 * @param size of the result; a number is a square's side
 */
export function transformImage(
  { width, height, data: from }: RgbaImage,
  transform: ImageTransform,
  size: number | ImageSize,
): RgbaImage {
  const frame = asImageSize(size);
  const { originX, originY, alongX, alongY, downX, downY } = sourceSteps(
    { width, height },
    transform,
    frame,
  );
  const to = new Uint8Array(frame.width * frame.height * 4);
  for (let y = 0, out = 0; y < frame.height; y++) {
    let u = originX + y * downX;
    let v = originY + y * downY;
    for (let x = 0; x < frame.width; x++, out += 4, u += alongX, v += alongY) {
      const column = Math.floor(u);
      const row = Math.floor(v);
      if (column < -1 || row < -1 || column >= width || row >= height) continue;
      const right = u - column;
      const below = v - row;
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let tap = 0; tap < 4; tap++) {
        const tapX = column + (tap & 1);
        const tapY = row + (tap >> 1);
        if (tapX < 0 || tapY < 0 || tapX >= width || tapY >= height) continue;
        const i = (tapY * width + tapX) * 4;
        const weight =
          from[i + 3]! * (tap & 1 ? right : 1 - right) * (tap >> 1 ? below : 1 - below);
        red += from[i]! * weight;
        green += from[i + 1]! * weight;
        blue += from[i + 2]! * weight;
        alpha += weight;
      }
      if (alpha < 0.5) continue;
      to[out] = red / alpha + 0.5;
      to[out + 1] = green / alpha + 0.5;
      to[out + 2] = blue / alpha + 0.5;
      to[out + 3] = alpha + 0.5;
    }
  }
  return { channels: 4, ...frame, data: to };
}

/** The source pixel under the first output pixel, and how far one step right or down moves it. */
function sourceSteps({ width, height }: ImageSize, transform: ImageTransform, frame: ImageSize) {
  const { flip, scale, rotationDegrees, shiftX, shiftY } = transform;
  const angle = (rotationDegrees * Math.PI) / 180;
  const cos = Math.cos(angle) / scale;
  const sin = Math.sin(angle) / scale;
  const mirror = flip ? -1 : 1;
  const alongX = (mirror * cos * width) / frame.width;
  const alongY = (-sin * height) / frame.height;
  const downX = (mirror * sin * width) / frame.width;
  const downY = (cos * height) / frame.height;
  // From the frame's shifted centre back to the centre of the first output pixel.
  const stepsX = 0.5 - frame.width * (0.5 + shiftX);
  const stepsY = 0.5 - frame.height * (0.5 + shiftY);
  return {
    originX: width / 2 - 0.5 + stepsX * alongX + stepsY * downX,
    originY: height / 2 - 0.5 + stepsX * alongY + stepsY * downY,
    alongX,
    alongY,
    downX,
    downY,
  };
}
