import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { useBackend } from "../../../../framework/backend/register.ts";
import { InputError } from "../../../../framework/base/errors.ts";
import type { Optimizer } from "../../../../framework/optim/optimizer.ts";
import { adamW } from "../../../../framework/optim/optimizers/adamW.ts";
import { parameterGroups } from "../../../../framework/optim/optimizers/parameterGroups.ts";
import { sgd } from "../../../../framework/optim/optimizers/sgd.ts";
import { expectClose } from "../../../support/tensors.ts";

type Values = Record<string, number[]>;

const start: Values = { "text.a": [1, -2], "image.b": [0.5, 3], head: [-1] };

function gradientsAt(step: number): Values {
  return {
    "text.a": [0.3 * step, -0.1 * step],
    "image.b": [1 / step, -2 / step],
    head: [step % 2 === 1 ? 0.7 : -0.7],
  };
}

function variablesOf(values: Values): Map<string, tf.Variable> {
  const variables = Object.entries(values).map(([name, x]) => {
    const variable = tf.tidy(() => tf.variable(tf.tensor1d(x)));
    return [name, variable] as const;
  });
  return new Map<string, tf.Variable>(variables);
}

const tensorsOf = (values: Values): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(values).map(([name, x]) => [name, tf.tensor1d(x)]));

/** Three compiled steps with the learning rates 0.1, 0.1 / 2 and 0.1 / 3. */
async function train(
  optimizer: Optimizer,
  backend: "cpu" | "ort",
): Promise<Map<string, tf.Variable>> {
  const { compile } = await useBackend(backend, { threads: 2 });
  const parameters = variablesOf(start);
  optimizer.initialize(parameters);
  const step = compile((inputs: tf.NamedTensorMap) =>
    tf.tidy(() => {
      const names = Object.keys(inputs).filter((name) => !parameters.has(name));
      const scalars = names.map((name) => [name, inputs[name]!.asScalar()]);
      const gradients = new Map([...parameters.keys()].map((name) => [name, inputs[name]!]));
      optimizer.apply(gradients, Object.fromEntries(scalars));
      return {};
    }),
  );
  for (let t = 1; t <= 3; t++) {
    const numbers = Object.entries(optimizer.hyperparameters(t, 0.1 / t));
    const scalars = Object.fromEntries(numbers.map(([name, x]) => [name, tf.scalar(x)]));
    const inputs = { ...tensorsOf(gradientsAt(t)), ...scalars };
    await step(inputs);
    tf.dispose(inputs);
  }
  step.dispose();
  return parameters;
}

describe("parameterGroups()", () => {
  for (const backend of ["cpu", "ort"] as const) {
    // torch.optim.AdamW of PyTorch 2.13 in float64 with these groups, and LambdaLR 1 / (1 + t).
    it(`updates each group as PyTorch does, on ${backend}`, async () => {
      const main = { learningRate: 0.1, weightDecay: 0.2 };
      const optimizer = parameterGroups(adamW(main), [
        {
          parameters: /^text\./,
          optimizer: adamW({ ...main, learningRate: 0.05, weightDecay: 0 }),
        },
        { parameters: /^image\./, optimizer: adamW({ ...main, betas: [0.5, 0.9] }) },
      ]);
      const parameters = await train(optimizer, backend);
      await expectClose(parameters.get("text.a")!, [0.909903765, -1.90990377], 1e-6);
      await expectClose(parameters.get("image.b")!, [0.316558082, 3.05650392], 1e-6);
      await expectClose(parameters.get("head")!, [-1.07065108], 1e-6);
      optimizer.dispose();
      tf.dispose([...parameters.values()]);
      await tf.setBackend("cpu");
    });
  }

  it("has the states of the optimizer without groups, by the same names", async () => {
    const alone = adamW({ learningRate: 0.1 });
    const grouped = parameterGroups(adamW({ learningRate: 0.1 }), [
      { parameters: /^head/, optimizer: adamW({ learningRate: 0.1 }) },
    ]);
    const [a, b] = [await train(alone, "cpu"), await train(grouped, "cpu")];
    const names = [...grouped.state().keys()];
    expect(names).to.have.members([...alone.state().keys()]);
    expect(names).to.include("secondMoment/text.a");
    for (const [name, state] of alone.state())
      await expectClose(grouped.state().get(name)!, state, 0);
    for (const [name, value] of a) await expectClose(b.get(name)!, value, 0);
    alone.dispose();
    grouped.dispose();
    tf.dispose([...a.values(), ...b.values()]);
  });

  it("gives a parameter to the first group that matches", () => {
    const parameters = variablesOf(start);
    const optimizer = parameterGroups(sgd(), [
      { parameters: /a$/g, optimizer: sgd({ momentum: 0.9 }) },
      { parameters: /text|head/, optimizer: sgd() },
    ]);
    optimizer.initialize(parameters);
    expect([...optimizer.state().keys()]).to.deep.equal(["momentum/text.a"]);
    optimizer.dispose();
    tf.dispose([...parameters.values()]);
  });

  it("refuses a group without parameters", () => {
    const parameters = variablesOf(start);
    const optimizer = parameterGroups(sgd(), [
      { parameters: /^text/, optimizer: sgd() },
      { parameters: /a$/, optimizer: sgd() },
    ]);
    expect(() => optimizer.checkParameters?.([...parameters.keys()])).to.throw(
      InputError,
      'Cannot form parameter group 2: expected a parameter that matches /a$/ and no group before it, got none of "text.a", "image.b", "head"',
    );
    tf.dispose([...parameters.values()]);
  });

  describe("learningRates()", () => {
    for (const { title, main, learningRate, scheduled, rates } of [
      {
        title: "follow the main one",
        main: 0.5,
        learningRate: 0.5,
        scheduled: 0.1,
        rates: [0.1, 0.05],
      },
      {
        title: "follow the group's when main is frozen",
        main: 0,
        learningRate: 0.25,
        scheduled: 0.1,
        rates: [0, 0.1],
      },
    ]) {
      it(title, () => {
        const own = sgd({ learningRate: 0.25, momentum: 0.75 });
        const optimizer = parameterGroups(sgd({ learningRate: main, weightDecay: 0.5 }), [
          { parameters: /x/, optimizer: own },
        ]);
        expect(optimizer.learningRate).to.equal(learningRate);
        expect(optimizer.learningRates!(scheduled)).to.deep.equal([
          { name: "main", learningRate: rates[0], momentum: 0, weightDecay: 0.5 },
          { name: "group1", learningRate: rates[1], momentum: 0.75, weightDecay: 0 },
        ]);
        expect(optimizer.hyperparameters(1, scheduled)).to.deep.equal({
          "main/learningRate": rates[0],
          "group1/learningRate": rates[1],
        });
      });
    }

    it("are all 0 when nothing learns", () => {
      const group = { parameters: /x/, optimizer: sgd({ learningRate: 0 }) };
      const optimizer = parameterGroups(sgd({ learningRate: 0 }), [group]);
      expect(optimizer.hyperparameters(1, 0)).to.deep.equal({
        "main/learningRate": 0,
        "group1/learningRate": 0,
      });
    });
  });
});
