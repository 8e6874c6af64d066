import { expect } from "chai";
import { describe, it } from "mocha";
import { arrayLoader, createOptimizer, hostTensor, Trainer } from "seedbed";

import { ganModule } from "../../../experiments/gan/ganModule.ts";
import { createNetwork, type Network } from "../../../experiments/gan/network.ts";

/** Real points around (3, 0). */
const real = [2.9, 3, 3.1, 3].map((x, i) => ({
  real: hostTensor(Float32Array.of(x, i % 2 === 0 ? 0.1 : -0.1), [2]),
}));
const loader = arrayLoader(real, { batchSize: 4 });
const options = { print: () => {}, numSanityValSteps: 0 };
const adam = (learningRate: number) => ({
  optimizer: createOptimizer({ name: "adam", learningRate, betas: [0.5, 0.99] }),
});

function pair(generatorRate: number, discriminatorRate: number) {
  const generator = createNetwork("generator", [4, 8, 2], 1);
  const discriminator = createNetwork("discriminator", [2, 8, 1], 1);
  const module = ganModule({
    generator,
    discriminator,
    latents: 4,
    slopePenalty: 0.5,
    ring: { modes: 1, radius: 3, deviation: 0.2 },
    optimizers: { generator: adam(generatorRate), discriminator: adam(discriminatorRate) },
  });
  const dispose = (): void => [generator, discriminator].forEach((each) => each.dispose());
  return { generator, discriminator, module, dispose };
}

const numbersOf = ({ parameters }: Network): number[] =>
  [...parameters.values()].flatMap((variable) => [...variable.dataSync()]);

describe("ganModule()", () => {
  it("steps each network by its own optimizer", async () => {
    for (const [rates, moves] of [
      [[0, 0.01], "discriminator"],
      [[0.01, 0], "generator"],
    ] as const) {
      const { module, generator, discriminator, dispose } = pair(rates[0], rates[1]);
      const before = { generator: numbersOf(generator), discriminator: numbersOf(discriminator) };
      const { step } = await new Trainer({ ...options, maxSteps: 4 }).fit(module, {
        trainLoader: loader,
      });
      expect(step).to.equal(4); // two batches
      const after = { generator: numbersOf(generator), discriminator: numbersOf(discriminator) };
      const moved = (["generator", "discriminator"] as const).filter(
        (name) => after[name].join() !== before[name].join(),
      );
      expect(moved).to.deep.equal([moves]);
      dispose();
    }
  });

  it("moves the generated points to the real ones", async () => {
    const { module, dispose } = pair(0.02, 0.02);
    const trainer = new Trainer({ ...options, maxSteps: 600 });
    await trainer.fit(module, { trainLoader: loader });
    const [batches] = await trainer.predict(module, loader);
    const values = [...batches![0]!["points"]!.values];
    const mean = (offset: number): number =>
      values.reduce((sum, value, i) => sum + (i % 2 === offset ? value : 0), 0) / 4;
    expect(mean(0)).to.be.closeTo(3, 0.5);
    expect(mean(1)).to.be.closeTo(0, 0.5);
    dispose();
  });
});
