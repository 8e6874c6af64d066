import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { engineReport, useBackend } from "../../../framework/backend/register.ts";
import { runEagerly } from "../../../framework/base/compile.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { checkpoint } from "../../../framework/nn/checkpoint.ts";
import * as ops from "../../../framework/nn/ops/index.ts";
import { stepFlops, type LossModule } from "../../../framework/nn/stepFlops.ts";
import { onOrt } from "../../support/parity.ts";

/** Two convolutions; counts the steps it has seen. */
function toy({ checkpoints = false } = {}): LossModule & { steps: tf.Variable; dispose(): void } {
  const made = (shape: number[]): tf.Variable => tf.tidy(() => tf.variable(tf.ones(shape)));
  const filters = { first: made([4, 3, 3, 3]), second: made([6, 4, 3, 3]) };
  const steps = tf.tidy(() => tf.variable(tf.scalar(0), false));
  const second = (x: tf.Tensor): tf.Tensor => ops.conv2d(x, filters.second);
  return {
    steps,
    trainableParameters: () => new Map(Object.entries(filters)),
    trainingStep({ x }) {
      steps.assign(steps.add(1));
      const hidden = ops.conv2d(x!, filters.first, undefined, {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      });
      const y = checkpoints ? checkpoint(second, [hidden]) : second(hidden);
      return { loss: y.square().mean<tf.Scalar>() };
    },
    dispose: () => tf.dispose([filters.first, filters.second, steps]),
  };
}

const batch = { x: hostTensor(new Float32Array(2 * 3 * 9 * 8), [2, 3, 9, 8]) };

describe("stepFlops()", () => {
  describe("where functions are compiled", () => {
    onOrt();

    it("counts the loss and its gradients", async () => {
      const { compile } = await useBackend("ort", { threads: 2 });
      const module = toy();
      // FlopCounterMode of PyTorch 2.13 for the same network and loss
      const expected = { forward: 13824, backward: 19008 };
      expect(await stepFlops(module, batch, compile)).to.deep.equal(expected);
      module.dispose();
    });

    it("counts what gradient checkpointing computes twice", async () => {
      const { compile } = await useBackend("ort", { threads: 2 });
      const module = toy({ checkpoints: true });
      const { forward, backward } = await stepFlops(module, batch, compile);
      expect([forward, backward]).to.deep.equal([13824, 19008 + 5184]);
      module.dispose();
    });

    it("computes nothing", async () => {
      const { compile } = await useBackend("ort", { threads: 2 });
      const module = toy();
      const work = () => {
        const { sessions, runs } = engineReport("ort");
        return [sessions.built, sessions.reused, runs.count];
      };
      const before = work();
      await stepFlops(module, batch, compile);
      expect(work()).to.deep.equal(before);
      expect(module.steps.dataSync()[0]).to.equal(0);
      module.dispose();
    });
  });

  it("runs the step once elsewhere, and leaves variables as they were", async () => {
    const module = toy();
    const { forward } = await stepFlops(module, batch, runEagerly);
    expect(forward).to.equal(13824);
    expect(module.steps.dataSync()[0]).to.equal(0);
    module.dispose();
  });

  it("passes on an error of the step", async () => {
    const module = toy();
    const failing: LossModule = {
      trainableParameters: () => module.trainableParameters(),
      trainingStep() {
        throw new Error("on purpose");
      },
    };
    const outcome = await stepFlops(failing, batch, runEagerly).catch(String);
    expect(outcome).to.equal("Error: on purpose");
    module.dispose();
  });
});
