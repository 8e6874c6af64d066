import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import type { SweepMeeting } from "../../framework/sweep/journalStore.ts";
import { plainPoint } from "../../framework/sweep/point.ts";
import type { SweepFolder } from "../../framework/sweep/sweepFolder.ts";
import { runSweep, type SweepEnd } from "../../framework/sweep/sweepRunner.ts";
import type { Trial, TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { jsonLinesLogger } from "../../framework/tracking/loggers/jsonLines.ts";
import { openTrialRun } from "../support/sweeps.ts";

/** Steps of a trial that comes to its end. */
export const maxSteps = 9;

export interface PlayedWorkerOptions {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  /** Left out: in the folder. */
  readonly meeting?: SweepMeeting;
  /** How long a step takes. */
  readonly stepMs?: number;
  /** Gets a line for each step of each trial, such as `3 step 7`, for each start and each end. */
  readonly logFile: string;
  /** Stops it. */
  readonly signal?: AbortSignal;
  /** Called before each step. @param stopped aborted when the trial is to save its work. @returns `crash` to fail */
  readonly onStep?: PlayedStep;
}

export type PlayedStep = (
  trial: Trial,
  step: number,
  stopped: AbortSignal,
) => void | "crash" | Promise<void | "crash">;

/** Takes part in a sweep whose trainings are played in this process: they go on from a checkpoint, if they find one. */
export async function playWorker(options: PlayedWorkerOptions): Promise<SweepEnd> {
  const { plan, folder, meeting, logFile } = options;
  const log = (line: string): void => appendFileSync(logFile, `${line}\n`);
  const begun = new Map<string, Trial>();
  return runSweep({
    ...{ plan, folder, joins: true, parallel: 1, backoffSeconds: 0 },
    ...(meeting && { meeting }),
    signal: options.signal ?? new AbortController().signal,
    logFile: () => "",
    prepare: async (trial) => (begun.set(trial.id, trial), [trial.id]),
    launcher: {
      name: "played",
      launch({ command: [id = ""] }) {
        const stopped = new AbortController();
        const ended = train(begun.get(id)!, stopped.signal, options, log);
        return {
          ended: ended.then((exitCode) => ({ exitCode, signal: null })),
          stop: () => stopped.abort(),
        };
      },
    },
    listener: {
      started: ({ index, stage }) =>
        log(`${index + 1} starts${stage?.untilStep === undefined ? "" : ` to ${stage.untilStep}`}`),
      ended: ({ index }, { status }) => log(`${index + 1} ${status}`),
      waitsFor: () => {},
      lost: ({ index }) => log(`${index + 1} lost`),
    },
  });
}

/** Logs `score`, which follows from the trial's slope and the step alone. @returns what a process would end with */
async function train(
  trial: Trial,
  stopped: AbortSignal,
  { plan, folder, stepMs = 0, onStep }: PlayedWorkerOptions,
  log: (line: string) => void,
): Promise<number> {
  const run = openTrialRun(folder, plan, trial);
  const checkpoint = path.join(run.folder, "checkpoint");
  const from = existsSync(checkpoint) ? Number(readFileSync(checkpoint, "utf8")) : 0;
  run.loggers.push(jsonLinesLogger({ folder: run.folder, resumeStep: from }));
  const slope = Number(plainPoint(trial.point)["data.slope"]);
  const end = Math.min(trial.stage?.untilStep ?? maxSteps, maxSteps);
  for (let step = from + 1; step <= end; step++) {
    if ((await onStep?.(trial, step, stopped)) === "crash") {
      await run.finish("failed");
      return 1;
    }
    await wait(stepMs);
    if (stopped.aborted) {
      await run.finish("interrupted");
      return 143;
    }
    log(`${trial.index + 1} step ${step}`);
    await run.logMetrics({ score: slope * step }, { step, epoch: 0, wallTimeSeconds: 1 });
    writeFileSync(checkpoint, String(step));
  }
  if (end < maxSteps) await run.finish("interrupted", {}, 0);
  else await run.finish("finished", { score: slope * maxSteps });
  return 0;
}
