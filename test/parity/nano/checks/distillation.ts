import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import {
  distillationLoss,
  type DistillationOptions,
} from "../../../../framework/distillation/distillationLoss.ts";
import {
  hiddenCosineDistance,
  hiddenSquaredError,
} from "../../../../framework/distillation/hiddenStates.ts";
import { meanOverLabels } from "../../../../framework/distillation/meanOverLabels.ts";
import { topKLogits } from "../../../../framework/distillation/topKLogits.ts";
import type { ParityTest } from "../../parityCheck.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Relative, of losses. */
const lossTolerance = 1e-4;
/** Of gradients below 1, float32. */
const gradientTolerance = 2e-6;

/** Losses by which a student learns from a teacher: each name in the file says which. */
export const distillation: NanoCheck = {
  title: "distillation",
  tests: (folder) => (folder.has("distill.json") ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const recorded = folder.json<Readonly<Record<string, number>>>("distill.json");
  return Object.keys(recorded)
    .filter((name) => typeof recorded[name] === "number")
    .map((name) => ({
      title: `has the published value and gradient: ${name}`,
      run: () =>
        name.startsWith("hidden_")
          ? compareHidden(folder, name, recorded[name]!)
          : compareLogits(folder, name, recorded[name]!),
    }));
}

/** `mix_a0.7_T2`: the kind, then a letter and a number for each of its settings. */
function optionsOf(name: string): DistillationOptions & { topK?: number } {
  const [, kind = ""] = /^(ce|kd|reverse_kl|gjsd|mix|topk)/.exec(name) ?? [];
  const number = (letter: string): number | undefined => {
    const [, digits] = new RegExp(`_${letter}([\\d.]+)`).exec(name) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const options = { temperature: number("T") ?? 1 };
  switch (kind) {
    case "ce":
      return { teacherWeight: 0 };
    case "kd":
      return options;
    case "reverse_kl":
      return { ...options, divergence: "reverseKl" };
    case "gjsd":
      return { ...options, divergence: "generalisedJensenShannon", beta: number("b")! };
    case "mix":
      return { ...options, teacherWeight: number("a")! };
    case "topk":
      return { ...options, topK: Number(/^topk(\d+)/.exec(name)![1]) };
    default:
      throw new RangeError(`Cannot compare distillation loss "${name}": no such loss is known`);
  }
}

async function compareLogits(folder: NanoFolder, name: string, expected: number): Promise<void> {
  const golden = folder.golden("distill");
  const { topK, ...options } = optionsOf(name);
  const [teacher, labels] = [golden.tensor("teacher"), golden.tensor("labels")];
  const told = topK === undefined ? teacher : topKLogits(teacher, topK);
  const { value, grad } = tf.valueAndGrad((student: tf.Tensor) =>
    distillationLoss(student, told, labels, options).loss.asScalar(),
  )(golden.tensor("student"));
  expect(value.dataSync()[0]).to.be.closeTo(expected, lossTolerance * expected);
  await golden.compareTensor(`grad.${name}`, grad, gradientTolerance);
}

async function compareHidden(folder: NanoFolder, name: string, expected: number): Promise<void> {
  const golden = folder.golden("distill");
  const distance = name === "hidden_mse" ? hiddenSquaredError : hiddenCosineDistance;
  const [teacher, labels] = [golden.tensor("teacher_hidden"), golden.tensor("labels")];
  const inputs = { student_hidden: golden.tensor("student_hidden"), proj: golden.tensor("proj") };
  const { value, grads } = tf.valueAndGrads((hidden: tf.Tensor, weight: tf.Tensor) => {
    const rows = hidden.reshape([-1, hidden.shape.at(-1)!]);
    const projected = tf.matMul(rows, weight, false, true).reshape(teacher.shape);
    return meanOverLabels(distance(projected, teacher), labels).asScalar();
  })(Object.values(inputs));
  expect(value.dataSync()[0]).to.be.closeTo(expected, lossTolerance * expected);
  for (const [i, input] of Object.keys(inputs).entries()) {
    const array = `grad.${name}.${input}`;
    if (golden.has(array)) await golden.compareTensor(array, grads[i]!, gradientTolerance);
  }
}
