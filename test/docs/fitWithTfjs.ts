import type * as tf from "@tensorflow/tfjs";

export async function train(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor): Promise<void> {
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  await model.fit(x, y, { epochs: 5, batchSize: 16, shuffle: false, validationData: [x, y] });
}
