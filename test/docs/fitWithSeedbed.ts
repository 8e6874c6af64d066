import type * as tf from "@tensorflow/tfjs";
import { createLoader, createOptimizer, layersModule, tensorDataset, type Trainer } from "seedbed";

export async function train(
  model: tf.LayersModel,
  x: tf.Tensor,
  y: tf.Tensor,
  trainer: Trainer, // new Trainer({ maxEpochs: 5 })
): Promise<void> {
  const optimizer = createOptimizer({ name: "sgd", learningRate: 0.01 });
  const module = layersModule(model, {
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
    optimizerConfig: { optimizer },
  });
  const loader = createLoader({ dataset: await tensorDataset({ x, y }), batchSize: 16, seed: 0 });
  await trainer.fit(module, { trainLoader: loader, valLoader: loader });
}
