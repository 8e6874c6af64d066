import type * as tf from "@tensorflow/tfjs";

/** `[batch, channels, height, width]` to `[batch, height * width, channels]`. */
export function toTokens(x: tf.Tensor): tf.Tensor {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  return x.reshape([batch, channels, height * width]).transpose([0, 2, 1]);
}

/** `[batch, height * width, channels]` back to the shape of `image`. */
export function toImage(tokens: tf.Tensor, image: tf.Tensor): tf.Tensor {
  return tokens.transpose([0, 2, 1]).reshape(image.shape);
}
