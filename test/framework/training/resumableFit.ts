/** @file A small fit that tests kill and resume: `tsx resumableFit.ts FOLDER [HOOK STEP]`. */
import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as tf from "@tensorflow/tfjs";
import {
  createLrSchedule,
  findLastCheckpoint,
  Trainer,
  type Callback,
  type FitResult,
  type TrainerOptions,
  type TrainerState,
} from "seedbed";

import { earlyStopping } from "../../../callbacks/earlyStopping.ts";
import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { weightAveraging } from "../../../callbacks/weightAveraging.ts";
import {
  parameterBytes,
  toyLoader,
  toyModule,
  type ToyOptions,
} from "../../support/toyTraining.ts";

export const maxSteps = 22;

/** Where a process may be killed. */
export type KillHook =
  | "onTrainBatchEnd"
  | "onValidationEnd"
  | "onSaveCheckpoint"
  | "onCheckpointSaved";

/** Trains on noisy inputs with accumulation and averaging, from the folder's last checkpoint if any. */
export async function resumableFit(
  folder: string,
  options: TrainerOptions = {},
  toy: Pick<ToyOptions, "optimizer"> = {},
): Promise<FitResult & { bytes: string }> {
  const module = toyModule({
    ...toy,
    noise: 0.3,
    lrSchedule: createLrSchedule({ name: "cosine" }, maxSteps),
  });
  const { callbacks = [], ...others } = options;
  const checkpointsFolder = path.join(folder, "checkpoints");
  const trainer = new Trainer({
    seed: 5,
    maxSteps,
    accumulateGradBatches: 2,
    gradientClipVal: 1,
    logEveryNSteps: 1,
    checkpointsFolder,
    print: () => {},
    callbacks: [
      weightAveraging({ decay: 0.9, warmup: true, startStep: 2, updateEveryNSteps: 2 }),
      earlyStopping({ monitor: "val/loss", patience: 50 }),
      modelCheckpoint({ monitor: "val/loss", saveTopK: 2, everyNTrainSteps: 3 }),
      writeLosses(folder),
      ...callbacks,
    ],
    ...others,
  });
  try {
    const result = await trainer.fit(module, {
      trainLoader: toyLoader(7),
      valLoader: toyLoader(3),
      resumeFrom: findLastCheckpoint(checkpointsFolder),
    });
    return { ...result, bytes: await parameterBytes(module) };
  } finally {
    module.dispose();
  }
}

/** Appends the loss of each step as the bytes of its float64, and each validation's. */
function writeLosses(folder: string): Callback {
  const write = (kind: string, step: number, value: number): void => {
    const bytes = Buffer.from(Float64Array.of(value).buffer).toString("hex");
    mkdirSync(folder, { recursive: true });
    appendFileSync(path.join(folder, "losses.txt"), `${kind} ${step} ${bytes}\n`);
  };
  return {
    name: "writeLosses",
    onTrainBatchEnd(state) {
      if (state.stepFinished) write("train", state.step, state.loss);
    },
    onValidationEnd(state) {
      if (state.stage === "validate") write("val", state.step, state.metrics["val/loss"]!);
    },
  };
}

/** Ends this process at once, at the first call of a hook from a step on. */
function killAt(hook: KillHook, step: number): Callback {
  const kill = (state: TrainerState): void => {
    if (state.step >= step && state.stage !== "sanity") process.kill(process.pid, "SIGKILL");
  };
  return { name: "killAt", kind: "checkpoint", [hook]: kill };
}

async function main(): Promise<void> {
  const [folder, hook, step] = process.argv.slice(2);
  tf.env().set("IS_TEST", true); // silences the "use tfjs-node" banner
  await tf.setBackend("cpu");
  const isHook = (name: string | undefined): name is KillHook => name !== undefined;
  const callbacks = isHook(hook) ? [killAt(hook, Number(step))] : [];
  const { bytes } = await resumableFit(folder!, { callbacks });
  console.log(bytes);
}

// Not awaited: mocha then requires the files that import this one, as it does all others.
if (process.argv[1] === fileURLToPath(import.meta.url)) void main();
