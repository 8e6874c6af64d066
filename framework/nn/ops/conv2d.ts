import * as tf from "@tensorflow/tfjs";

import { firstGradient, numbersOf, runKernel } from "./kernels.ts";

export interface Conv2dOptions {
  /** Vertical, horizontal. */
  strides?: readonly [number, number];
  /** Zeros added at the top, left, bottom, right. */
  pads?: readonly [number, number, number, number];
}

type Geometry = Required<Conv2dOptions>;

/**
 * Cross-correlation with a filter, channels first.
 *
 * Kernel `SeedbedConv2d`: `{x, filter, bias?}`, `{strides, pads}` to `y`.
 *
 * @param x `[batch, channels, height, width]`
 * @param filter `[outputs, channels, filterHeight, filterWidth]`
 * @param bias `[outputs]`
 * @returns `[batch, outputs, (height + pads - filterHeight) / stride + 1, ...]`, rounded down
 * @throws {RangeError} when the channels of `x` and `filter` differ, or the filter is larger than an image
 */
export function conv2d(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias?: tf.Tensor,
  { strides = [1, 1], pads = [0, 0, 0, 0] }: Conv2dOptions = {},
): tf.Tensor4D {
  if (x.rank !== 4 || filter.rank !== 4 || x.shape[1] !== filter.shape[1]) {
    throw new RangeError(
      `Cannot convolve: expected x [batch, channels, height, width] and filter [outputs, channels, height, width], got [${x.shape.join(", ")}] and [${filter.shape.join(", ")}]`,
    );
  }
  const [top, left, bottom, right] = pads;
  const [height, width] = [x.shape[2]! + top + bottom, x.shape[3]! + left + right];
  if (filter.shape[2]! > height || filter.shape[3]! > width) {
    throw new RangeError(
      `Cannot convolve: expected a filter no larger than images of ${height} x ${width}, padding included, got ${filter.shape[2]} x ${filter.shape[3]}`,
    );
  }
  const inputs = bias ? { x, filter, bias } : { x, filter };
  const attributes = { strides: [...strides], pads: [...pads] };
  return (
    runKernel<tf.Tensor4D>("SeedbedConv2d", inputs, attributes) ??
    tf.tidy(() => compose(x, filter, bias, { strides, pads }))
  );
}

/**
 * TF.js's convolution with the gradients of this file: those TF.js would record need kernels that
 * some backends lack, and are several times as slow on its CPU backend.
 */
function compose(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | undefined,
  geometry: Geometry,
): tf.Tensor4D {
  const convolve = tf.customGrad<tf.Tensor4D>((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    if (typeof save === "function") save([x, filter]);
    return {
      value: conv2dReference(x, filter, bias, geometry),
      gradFunc: (dy, [savedX, savedFilter]) => {
        const dx = conv2dInputGradientReference(dy, savedFilter!, savedX!.shape, geometry);
        const dfilter = conv2dFilterGradientReference(savedX!, dy, savedFilter!.shape, geometry);
        return bias ? [dx, dfilter, tf.sum(dy, [0, 2, 3])] : [dx, dfilter];
      },
    };
  });
  return bias ? convolve(x, filter, bias) : convolve(x, filter);
}

/** The forward pass, of kernels that TF.js can differentiate. */
export function conv2dReference(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | undefined,
  { strides, pads }: Geometry,
): tf.Tensor4D {
  return tf.tidy(() => {
    const images = padded(channelsLast(x), pads);
    const y = tf.conv2d(images, filterLast(filter), pair(strides), "valid");
    return channelsFirst(bias ? y.add<tf.Tensor4D>(bias) : y);
  });
}

function pair([vertical, horizontal]: readonly [number, number]): [number, number] {
  return [vertical, horizontal];
}

function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  return x.as4D(a, b, c, d);
}

/** NCHW to NHWC. */
function channelsLast(x: tf.Tensor): tf.Tensor4D {
  return tf.transpose(rank4(x), [0, 2, 3, 1]);
}

/** NHWC to NCHW. */
function channelsFirst(x: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(x, [0, 3, 1, 2]);
}

/** OIHW to HWIO. */
function filterLast(filter: tf.Tensor): tf.Tensor4D {
  return tf.transpose(rank4(filter), [2, 3, 1, 0]);
}

/** Pads NHWC; nothing to do is no operation. */
function padded(x: tf.Tensor4D, [top, left, bottom, right]: Geometry["pads"]): tf.Tensor4D {
  if (top + left + bottom + right === 0) return x;
  return tf.pad4d(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}

/**
 * Gradient of {@link conv2d} by `x`.
 *
 * Kernel `SeedbedConv2dInputGradient`: `{dy, filter}`, `{inputShape, strides, pads}` to `dx`.
 */
export function conv2dInputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: readonly number[],
  { strides, pads }: Geometry,
): tf.Tensor {
  return (
    runKernel<tf.Tensor>(
      "SeedbedConv2dInputGradient",
      { dy, filter },
      { inputShape: [...inputShape], strides: [...strides], pads: [...pads] },
    ) ?? conv2dInputGradientReference(dy, filter, inputShape, { strides, pads })
  );
}

export function conv2dInputGradientReference(
  dy: tf.Tensor,
  filter: tf.Tensor,
  [batch = 1, channels = 1, height = 1, width = 1]: readonly number[],
  { strides, pads }: Geometry,
): tf.Tensor {
  return tf.tidy(() => {
    const [top, left, bottom, right] = pads;
    const paddedShape: [number, number, number, number] = [
      batch,
      height + top + bottom,
      width + left + right,
      channels,
    ];
    const dx = tf.conv2dTranspose(
      channelsLast(dy),
      filterLast(filter),
      paddedShape,
      pair(strides),
      "valid",
    );
    return channelsFirst(tf.slice4d(dx, [0, top, left, 0], [batch, height, width, channels]));
  });
}

/**
 * Gradient of {@link conv2d} by `filter`.
 *
 * Kernel `SeedbedConv2dFilterGradient`: `{x, dy}`, `{filterShape, strides, pads}` to `dfilter`.
 */
export function conv2dFilterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: readonly number[],
  { strides, pads }: Geometry,
): tf.Tensor {
  return (
    runKernel<tf.Tensor>(
      "SeedbedConv2dFilterGradient",
      { x, dy },
      { filterShape: [...filterShape], strides: [...strides], pads: [...pads] },
    ) ?? conv2dFilterGradientReference(x, dy, filterShape, { strides, pads })
  );
}

/** A convolution of `x` with `dy` as a filter spread by the strides, batch and channels exchanged. */
export function conv2dFilterGradientReference(
  x: tf.Tensor,
  dy: tf.Tensor,
  [, , filterHeight = 1, filterWidth = 1]: readonly number[],
  { strides, pads }: Geometry,
): tf.Tensor {
  return tf.tidy(() => {
    const images = tf.transpose(padded(channelsLast(x), pads), [3, 1, 2, 0]);
    const filter = spread(tf.transpose(rank4(dy), [2, 3, 0, 1]), strides);
    const sums = tf.conv2d(images, filter, 1, "valid"); // [channels, height, width, outputs]
    const [channels, , , outputs] = sums.shape;
    const used = tf.slice4d(sums, [0, 0, 0, 0], [channels, filterHeight, filterWidth, outputs]);
    return tf.transpose(used, [3, 0, 1, 2]);
  });
}

/** Puts `stride - 1` zeros between neighbours of the first two axes. */
function spread(x: tf.Tensor4D, [vertical, horizontal]: Geometry["strides"]): tf.Tensor4D {
  const [h, w, c, d] = x.shape;
  const rows = tf.pad(x.reshape([h, 1, w, c * d]), [
    [0, 0],
    [0, vertical - 1],
    [0, 0],
    [0, 0],
  ]);
  const columns = tf.pad(rows.reshape([h * vertical, w, 1, c * d]), [
    [0, 0],
    [0, 0],
    [0, horizontal - 1],
    [0, 0],
  ]);
  const all = columns.reshape<tf.Tensor4D>([h * vertical, w * horizontal, c, d]);
  return tf.slice4d(all, [0, 0, 0, 0], [(h - 1) * vertical + 1, (w - 1) * horizontal + 1, c, d]);
}

function geometryOf(attributes: tf.NamedAttrMap): Geometry {
  const [vertical = 1, horizontal = 1] = numbersOf(attributes, "strides");
  const [top = 0, left = 0, bottom = 0, right = 0] = numbersOf(attributes, "pads");
  return { strides: [vertical, horizontal], pads: [top, left, bottom, right] };
}

tf.registerGradient({
  kernelName: "SeedbedConv2d",
  inputsToSave: ["x", "filter"],
  gradFunc: (dy, [x, filter], attributes) => {
    const gradient = firstGradient(dy);
    const geometry = geometryOf(attributes);
    return {
      x: () => conv2dInputGradient(gradient, filter!, x!.shape, geometry),
      filter: () => conv2dFilterGradient(x!, gradient, filter!.shape, geometry),
      bias: () => tf.sum(gradient, [0, 2, 3]),
    };
  },
});

// Each of the three is linear in both its inputs, so that their gradients are one another.
tf.registerGradient({
  kernelName: "SeedbedConv2dInputGradient",
  inputsToSave: ["dy", "filter"],
  gradFunc: (ddx, [dy, filter], attributes) => {
    const x = firstGradient(ddx);
    const geometry = geometryOf(attributes);
    return {
      dy: () => conv2d(x, filter!, undefined, geometry),
      filter: () => conv2dFilterGradient(x, dy!, filter!.shape, geometry),
    };
  },
});

tf.registerGradient({
  kernelName: "SeedbedConv2dFilterGradient",
  inputsToSave: ["x", "dy"],
  gradFunc: (ddfilter, [x, dy], attributes) => {
    const filter = firstGradient(ddfilter);
    const geometry = geometryOf(attributes);
    return {
      x: () => conv2dInputGradient(dy!, filter, x!.shape, geometry),
      dy: () => conv2d(x!, filter, undefined, geometry),
    };
  },
});
