import { useBackend } from "../../../../framework/backend/register.ts";
import type { Compile } from "../../../../framework/base/compile.ts";
import type { Objective } from "../objectives.ts";
import { nextLetters, wordClasses, type SpellingData } from "./spelling.ts";
import { validationLoss, type TrainingSettings } from "./validationLoss.ts";

type Point = Readonly<Record<string, unknown>>;

/** Two trainings: what they reach on words that they have not seen depends on how they are set. */
export const trainings: readonly Objective[] = [
  {
    name: "wordClass",
    parameters: `  optimizer: { values: [adamW, sgd, muon] }
  learningRate: { distribution: log_uniform_values, min: 0.0001, max: 10 }
  beta: { min: 0.5, max: 0.999, when: optimizer != "sgd" }
  momentum: { min: 0.0, max: 0.99, when: optimizer == "sgd" }
  weightDecay: { distribution: log_uniform_values, min: 0.000001, max: 1 }
  warmup: { min: 0, max: 60 }
  smoothing: { min: 0.0, max: 0.4 }
`,
    trials: 30,
    score: trained(wordClasses, (point) => ({
      optimizer: optimizerOf(point),
      warmupSteps: Number(point["warmup"]),
      smoothing: Number(point["smoothing"]),
      ...{ endFactor: 0, deviation: 1, gradientClipVal: 1 },
    })),
  },
  {
    name: "nextLetter",
    parameters: `  learningRate: { distribution: log_uniform_values, min: 0.0001, max: 1 }
  beta1: { min: 0.0, max: 0.99 }
  beta2: { min: 0.8, max: 0.9999 }
  weightDecay: { distribution: log_uniform_values, min: 0.000001, max: 1 }
  endFactor: { min: 0.0, max: 1.0 }
  deviation: { distribution: log_uniform_values, min: 0.05, max: 5 }
`,
    trials: 30,
    score: trained(nextLetters, (point) => ({
      optimizer: {
        ...{ name: "adamW", learningRate: Number(point["learningRate"]) },
        betas: [Number(point["beta1"]), Number(point["beta2"])],
        weightDecay: Number(point["weightDecay"]),
      },
      endFactor: Number(point["endFactor"]),
      deviation: Number(point["deviation"]),
      ...{ warmupSteps: 0, smoothing: 0, gradientClipVal: 1 },
    })),
  },
];

function optimizerOf(point: Point): TrainingSettings["optimizer"] {
  const name = String(point["optimizer"]);
  const own =
    name === "adamW"
      ? { betas: [Number(point["beta"]), 0.99] }
      : { momentum: Number(point[name === "sgd" ? "momentum" : "beta"]) };
  const shared = {
    learningRate: Number(point["learningRate"]),
    weightDecay: Number(point["weightDecay"]),
  };
  return { name, ...shared, ...own };
}

function trained(
  read: () => SpellingData,
  settingsOf: (point: Point) => TrainingSettings,
): Objective["score"] {
  let data: SpellingData | undefined;
  let backend: Promise<{ compile: Compile }> | undefined;
  return async (point) => {
    data ??= read();
    backend ??= useBackend("ort", { threads: 1 });
    const { compile } = await backend;
    return [await validationLoss(data, settingsOf(point), compile)];
  };
}
