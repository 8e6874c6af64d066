import { expect } from "chai";
import { describe, it } from "mocha";
import { arrayLoader, createOptimizer, hostTensor, Trainer } from "seedbed";

import { createClassifier } from "../../../experiments/imageClassifier/classifier.ts";
import { classifierModule } from "../../../experiments/imageClassifier/classifierModule.ts";

/** Two grey pictures of 4 x 4 of each class: dark and light. */
const examples = [-1, -0.5, 0.5, 1].map((grey) => ({
  image: hostTensor(new Float32Array(3 * 4 * 4).fill(grey), [3, 4, 4]),
  label: hostTensor(Int32Array.of(grey < 0 ? 0 : 1), []),
}));

describe("classifierModule()", () => {
  it("learns, and predicts", async () => {
    const classifier = createClassifier({ channels: [8, 8], classes: 2, seed: 1 });
    const optimizer = createOptimizer({ name: "adamW", learningRate: 0.01 });
    const module = classifierModule({ classifier, optimizerConfig: { optimizer } });
    const trainer = new Trainer({ print: () => {}, numSanityValSteps: 0, maxSteps: 60 });
    await trainer.fit(module, { trainLoader: arrayLoader(examples, { batchSize: 4 }) });
    const loader = arrayLoader(examples, { batchSize: 3, dropLast: false });
    const [metrics] = await trainer.validate(module, loader);
    expect(metrics!["val/accuracy"]).to.equal(1);
    const [batches] = await trainer.predict(module, loader);
    const predicted = batches!.flatMap((batch) => [...batch["predicted"]!.values]);
    expect(predicted).to.deep.equal([0, 0, 1, 1]);
    expect([...batches![1]!["label"]!.values]).to.deep.equal([1]);
    classifier.dispose();
  });
});
