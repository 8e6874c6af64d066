import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape, sizeOf } from "../base/shape.ts";
import { framePositions } from "./patchPositions.ts";
import type { SiglipConfig } from "./siglipConfig.ts";

/** The frames of a batch's pictures one after the other, without those that are only padding. */
export interface ImageFrames {
  /** `[frames, channels, height, width]` */
  readonly pixels: HostTensor;
  /** int32 `[frames, patches]`: 0 where a patch is padding; none where no patch is. */
  readonly patchMask?: HostTensor;
  /** int32 `[frames, patches]`: places of the patches, beside a mask. */
  readonly patchPositions?: HostTensor;
}

/**
 * Leaves out frames that are zero everywhere, which fill up examples of fewer pictures, and finds
 * out which patches are padding.
 *
 * @param pixels `[batch, frames, channels, height, width]`
 * @param pixelMask int32 `[batch, frames, height, width]`, 0 where a pixel is padding, which is at
 * the right and bottom. Default: none is
 * @throws {RangeError} when shapes do not fit, or there is no frame but padding
 */
export function imageFrames(
  pixels: HostTensor,
  { patch_size }: Pick<SiglipConfig, "patch_size">,
  side: number,
  pixelMask?: HostTensor,
): ImageFrames {
  const [batch = 0, frames = 0, ...frame] = pixels.shape;
  const [, height = 0, width = 0] = frame;
  if (pixels.shape.length !== 5 || height % patch_size !== 0 || width % patch_size !== 0) {
    throw new RangeError(
      `Cannot read frames: expected [batch, frames, channels, height, width] with sides that ${patch_size} divides, got ${describeShape(pixels.shape)}`,
    );
  }
  const expected = [batch, frames, height, width];
  if (pixelMask && describeShape(pixelMask.shape) !== describeShape(expected)) {
    throw new RangeError(
      `Cannot read frames: expected a mask ${describeShape(expected)}, got ${describeShape(pixelMask.shape)}`,
    );
  }
  const rows = nonZeroRows(pixels, batch * frames, sizeOf(frame));
  if (rows.length === 0) throw new RangeError("Cannot read frames: all of them are zero");
  const kept = { pixels: pick(pixels, rows, frame) };
  if (!pixelMask || pixelMask.values.every((value) => value !== 0)) return kept;
  return { ...kept, ...maskedPatches(pick(pixelMask, rows, [height, width]), patch_size, side) };
}

/** Numbers of the frames that are not zero everywhere. */
function nonZeroRows({ values }: HostTensor, count: number, size: number): number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) =>
    values.subarray(i * size, (i + 1) * size).some((value) => value !== 0),
  );
}

function pick(
  { values }: HostTensor,
  rows: readonly number[],
  shape: readonly number[],
): HostTensor {
  const size = sizeOf(shape);
  const picked =
    values instanceof Int32Array
      ? new Int32Array(rows.length * size)
      : new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) {
    picked.set(values.subarray(row * size, (row + 1) * size), i * size);
  }
  return hostTensor(picked, [rows.length, ...shape]);
}

/** A patch counts where any of its pixels does. */
function maskedPatches(
  { values, shape }: HostTensor,
  patch: number,
  side: number,
): Pick<ImageFrames, "patchMask" | "patchPositions"> {
  const [frames = 0, height = 0, width = 0] = shape;
  const [rows, columns] = [height / patch, width / patch];
  const patches = rows * columns;
  const mask = new Int32Array(frames * patches);
  values.forEach((value, i) => {
    if (value === 0) return;
    const [frame, inFrame] = [Math.floor(i / (height * width)), i % (height * width)];
    const row = Math.floor(Math.floor(inFrame / width) / patch);
    mask[frame * patches + row * columns + Math.floor((inFrame % width) / patch)] = 1;
  });
  const positions = new Int32Array(frames * patches);
  for (let frame = 0; frame < frames; frame++) {
    const own = mask.subarray(frame * patches, (frame + 1) * patches);
    const validColumns = own.subarray(0, columns).filter((value) => value === 1).length;
    const validRows = own.filter((value, i) => i % columns === 0 && value === 1).length;
    const places = framePositions({ rows, columns, side, validRows, validColumns });
    positions.set(places, frame * patches);
  }
  return {
    patchMask: hostTensor(mask, [frames, patches]),
    patchPositions: hostTensor(positions, [frames, patches]),
  };
}
