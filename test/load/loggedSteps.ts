import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../../framework/base/compile.ts";
import { hostTensor } from "../../framework/base/hostTensor.ts";
import { sgd } from "../../framework/optim/optimizers/sgd.ts";
import { createRun } from "../../framework/tracking/createRun.ts";
import type { Logger } from "../../framework/tracking/logger.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../framework/tracking/openLoggers.ts";
import { Trainer } from "../../framework/training/trainer.ts";
import type { TrainingModule } from "../../framework/training/trainingModule.ts";
import { quantile } from "../bench/statistics.ts";

export interface LoggedStepsOptions {
  /** Compiles steps as a run does. */
  readonly compile: Compile;
  /** Folder of the runs. */
  readonly root: string;
  /** Values that each step logs. */
  readonly scalars: number;
  readonly steps: number;
  readonly rounds: number;
}

export interface LoggedSteps {
  /** By how much steps follow each other later for logging, in ms. */
  readonly waited: Quartiles;
  /** Processor time of all threads that logging adds to a step, in ms. */
  readonly processor: Quartiles;
  /** Rows that are missing in `metrics.jsonl`, over all rounds. */
  readonly lostRows: number;
}

/** Of the rounds, the median between the others. */
export type Quartiles = readonly [number, number, number];

interface Times {
  waited: number;
  processor: number;
}

/** What a step takes without logging. */
export const stepMs = 10;

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let computed = 1;

/** Some 20 µs of arithmetic: asking for the time again and again would leave megabytes of garbage. */
function compute(): void {
  for (let i = 0; i < 20_000; i++) computed = (Math.imul(computed, 1_664_525) + 1_013_904_223) | 0;
}

/** Steps that take `stepMs` once they are compiled, and what passes between them, in ms. */
function pacedCompile(compile: Compile): { paced: Compile; between: Times } {
  const between = { waited: 0, processor: 0 };
  let end: Times | undefined;
  const now = (): Times => ({ waited: performance.now(), processor: processorMs() });
  const paced: Compile = (fn, options) => {
    const run = compile(fn, options);
    const slow = async (inputs: Parameters<typeof fn>[0]): ReturnType<typeof run> => {
      if (end) {
        const begin = now();
        between.waited += begin.waited - end.waited;
        between.processor += begin.processor - end.processor;
      }
      const until = performance.now() + stepMs;
      const outputs = await run(inputs);
      while (performance.now() < until) compute();
      end = now();
      return outputs;
    };
    return Object.assign(slow, { dispose: () => run.dispose() });
  };
  return { paced, between };
}

/** What every default logger adds to training steps, with and without them in turns. */
export async function measureLoggedSteps(options: LoggedStepsOptions): Promise<LoggedSteps> {
  const { scalars, rounds, steps } = options;
  const own = 4; // loss, gradient norm, learning rate, epoch
  const module = createModule(scalars - own);
  const added: Times[] = [];
  let lostRows = 0;
  await fit(module, options); // what V8 compiles at first is not counted
  for (let round = 0; round < rounds; round++) {
    const without = (): Promise<Times> => fit(module, options);
    const before = round % 2 === 0 ? await without() : undefined; // each of both comes first in turns
    const { withLoggers, lost } = await fitLogged(module, options);
    lostRows += lost;
    const { waited, processor } = before ?? (await without());
    added.push({
      waited: (withLoggers.waited - waited) / steps,
      processor: (withLoggers.processor - processor) / steps,
    });
  }
  tf.dispose([...module.trainableParameters().values()]);
  const quartilesOf = (time: keyof Times): Quartiles => {
    const rounds = added.map((times) => times[time]);
    return [quantile(rounds, 0.25), quantile(rounds, 0.5), quantile(rounds, 0.75)];
  };
  return { waited: quartilesOf("waited"), processor: quartilesOf("processor"), lostRows };
}

async function fitLogged(
  module: TrainingModule,
  options: LoggedStepsOptions,
): Promise<{ withLoggers: Times; lost: number }> {
  const { root, steps, scalars } = options;
  const run = createRun({ root, name: "load", seed: 1, spec: {}, specYaml: "", command: [] });
  await openLoggers(run, { parameters: {}, environment: {} });
  const withLoggers = await fit(module, options, run.loggers);
  await run.finish("finished");
  const rows = readMetrics(run.folder).filter(
    ({ metrics }) => Object.keys(metrics).length === scalars,
  );
  return { withLoggers, lost: steps - rows.length };
}

/** @returns what passed between its steps, in ms */
async function fit(
  module: TrainingModule,
  { steps, compile }: Pick<LoggedStepsOptions, "steps" | "compile">,
  loggers: readonly Logger[] = [],
): Promise<Times> {
  const quiet = { print: () => {}, numSanityValSteps: 0 };
  const { paced, between } = pacedCompile(compile);
  const trainer = new Trainer({
    ...{ ...quiet, maxSteps: steps, logEveryNSteps: 1, compile: paced },
    loggers: [...loggers],
  });
  const batch = { x: hostTensor(new Float32Array(1), [1]) };
  await trainer.fit(module, { trainLoader: { length: steps, batch: async () => batch } });
  return between;
}

function createModule(values: number): TrainingModule {
  const weight = tf.tidy(() => tf.variable(tf.zeros([1])));
  const names = Array.from({ length: values }, (_, i) => `value${i}`);
  const mean = (): tf.Scalar => weight.mean().asScalar();
  return {
    trainableParameters: () => new Map([["weight", weight]]),
    configureOptimizers: () => ({ optimizer: sgd({ learningRate: 1e-3 }) }),
    trainingStep: () => ({
      loss: mean(),
      // numbers with all their digits, which take longest to write
      ...Object.fromEntries(
        names.map((name, i) => [
          name,
          mean()
            .mul((i + 1) / 7)
            .asScalar(),
        ]),
      ),
    }),
  };
}
