import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../../base/hostTensor.ts";
import { describeShape, sameShape } from "../../base/shape.ts";
import type { SampleRequest, StartImage } from "./sampler.ts";

export type LatentsShape = [batch: number, channels: number, height: number, width: number];

/** @throws {RangeError} unless the shape has four axes */
export function latentsShape(shape: readonly number[]): LatentsShape {
  const [batch, channels, height, width, ...more] = shape;
  if (batch && channels && height && width && more.length === 0) {
    return [batch, channels, height, width];
  }
  throw new RangeError(
    `Cannot sample: latents must have shape [batch, channels, height, width], got ${describeShape(shape)}`,
  );
}

/**
 * @returns the shape of the latents
 * @throws {RangeError} when the parts of a request do not fit each other
 */
export function checkRequest(request: SampleRequest): LatentsShape {
  const { latents, image, conditional, unconditional, guidanceScale = 1 } = request;
  const { guidanceRescale = 0, extraChannels } = request;
  const shape = latentsShape(latents.shape);
  if (conditional.shape[0] !== shape[0]) {
    throw new RangeError(
      `Cannot sample: expected ${shape[0]} rows of context, one per image, got ${conditional.shape[0]}`,
    );
  }
  if (guidanceScale !== 1 && unconditional === undefined) {
    throw new RangeError(
      `Cannot sample: guidanceScale ${guidanceScale} needs the context of the empty prompt`,
    );
  }
  if (!(guidanceRescale >= 0 && guidanceRescale <= 1)) {
    throw new RangeError(
      `Cannot sample: guidanceRescale must be from 0 to 1, got ${guidanceRescale}`,
    );
  }
  if (unconditional !== undefined) checkUnconditional(conditional, unconditional);
  if (image !== undefined) checkImage(image, shape);
  if (extraChannels !== undefined) {
    const more = latentsShape(extraChannels.shape)[1];
    checkShape("extra channels", extraChannels, [shape[0], more, shape[2], shape[3]]);
  }
  return shape;
}

function checkUnconditional(conditional: tf.Tensor3D, unconditional: tf.Tensor3D): void {
  const [batch, ...context] = conditional.shape;
  const [rows, ...rest] = unconditional.shape;
  if ((rows === 1 || rows === batch) && sameShape(context, rest)) return;
  throw new RangeError(
    `Cannot sample: unconditional context must have shape ${describeShape(conditional.shape)}, or one row of it, got ${describeShape(unconditional.shape)}`,
  );
}

function checkImage({ latents, mask }: StartImage, shape: LatentsShape): void {
  checkShape("the image's latents", latents, shape);
  if (mask === undefined) return;
  const [batch, , height, width] = shape;
  const rows = mask.shape[0] === 1 ? 1 : batch;
  checkShape("the mask", mask, [rows, 1, height, width]);
}

/** @throws {RangeError} naming what has the wrong shape */
export function checkShape(what: string, { shape }: HostTensor, expected: LatentsShape): void {
  if (sameShape(shape, expected)) return;
  throw new RangeError(
    `Cannot sample: ${what} must have shape ${describeShape(expected)}, got ${describeShape(shape)}`,
  );
}
