import * as tf from "@tensorflow/tfjs";

export interface ResizeBilinearOptions {
  /**
   * Whether the corner pixels' centres stay where they are; otherwise the images' edges do
   * ("half pixel").
   */
  alignCorners?: boolean;
}

/**
 * Images in another size, each pixel blended of the four around its place; smaller images are not
 * smoothed first. The numbers are those of PyTorch's `interpolate`.
 *
 * Both axes are a product with a matrix, and so is their gradient: every backend is at its fastest
 * there, and none needs a kernel for it.
 *
 * @param x `[batch, channels, height, width]`
 * @param size new height and width
 * @returns `[batch, channels, ...size]`
 */
export function resizeBilinear(
  x: tf.Tensor,
  [height, width]: readonly [number, number],
  { alignCorners = false }: ResizeBilinearOptions = {},
): tf.Tensor4D {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  return tf.tidy(() => {
    const columns = tf.tensor2d(blendMatrix(w, width, alignCorners), [width, w]);
    const rows = tf.tensor3d(blendMatrix(h, height, alignCorners), [1, height, h]);
    const wide = tf.matMul(x.reshape([n * c * h, w]), columns, false, true);
    const y = tf.matMul(rows, wide.reshape([n * c, h, width])); // [n c, height, width]
    return y.reshape<tf.Tensor4D>([n, c, height, width]);
  });
}

/** Row i holds the weights of the old pixels in the new pixel i: `[to, from]`. */
function blendMatrix(from: number, to: number, alignCorners: boolean): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = sourceOf(i, from, to, alignCorners);
    const before = Math.min(Math.floor(at), from - 1);
    const after = Math.min(before + 1, from - 1);
    matrix[i * from + before]! += 1 - (at - before);
    matrix[i * from + after]! += at - before;
  }
  return matrix;
}

/** Where the new pixel `i` lies among the old ones. */
function sourceOf(i: number, from: number, to: number, alignCorners: boolean): number {
  if (alignCorners) return to > 1 ? (i * (from - 1)) / (to - 1) : 0;
  return Math.max(0, ((i + 0.5) * from) / to - 0.5);
}
