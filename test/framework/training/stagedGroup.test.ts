import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import {
  applyStages,
  stagedHyperparameters,
  unfrozen,
  type StagedGroup,
} from "../../../framework/training/stagedGroup.ts";

const groups = new Map<string, StagedGroup>([
  ["frozen", { parameters: new Set(["a"]) }],
  ["late", { parameters: new Set(["b"]), training: { sinceStep: 10, lrFactor: 0.5 } }],
]);

describe("unfrozen()", () => {
  it("leaves out parameters of frozen groups", () => {
    const named = new Map([...["a", "b", "c"].entries()].map(([i, name]) => [name, i]));
    expect([...unfrozen(named, groups).keys()]).to.deep.equal(["b", "c"]);
    expect(unfrozen(named, new Map())).to.equal(named);
  });
});

describe("applyStages()", () => {
  it("applies each group that is trained, and the rest, with its own hyperparameters", () => {
    const numbers = {
      learningRate: 1,
      ...stagedHyperparameters(groups, ({ lrFactor }) => ({ learningRate: lrFactor })),
    };
    const applied: [names: string[], learningRate: number][] = [];
    tf.tidy(() => {
      const gradients = new Map(["a", "b", "c"].map((name) => [name, tf.scalar(0)]));
      const scalars = Object.fromEntries(
        Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]),
      );
      applyStages(groups, gradients, scalars, (own, hyperparameters) => {
        applied.push([[...own.keys()], hyperparameters["learningRate"]!.dataSync()[0]!]);
      });
    });
    expect(applied).to.deep.equal([
      [["b"], 0.5],
      [["c"], 1],
    ]);
  });
});
