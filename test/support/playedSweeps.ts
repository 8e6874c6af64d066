import type { LaunchEnd, Launcher } from "../../framework/launch/launcher.ts";
import type { SweepFolder } from "../../framework/sweep/sweepFolder.ts";
import { runSweep, type SweepRunnerOptions } from "../../framework/sweep/sweepRunner.ts";
import type { Trial, TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { storeTrial, type StoredTrial, type SweepWorkshop } from "./sweeps.ts";

/** What a trial's process does, told which of its starts this is, from 1, and when it is to stop. */
export type PlayedProcess = (
  trial: Trial,
  start: number,
  stopped: Promise<void>,
) => Promise<LaunchEnd & StoredTrial> | (LaunchEnd & StoredTrial);

/** How processes end. */
export const finished = { exitCode: 0, signal: null };
export const interrupted = { exitCode: 143, signal: null, outcome: "interrupted" } as const;

type PlaySweep = (
  plan: TrialPlan,
  play: PlayedProcess,
  options?: Partial<SweepRunnerOptions>,
  holds?: Launcher["holds"],
) => Promise<string[]>;

/** Runs sweeps of a workshop whose processes are played; logs what the listener is told. */
export function sweepPlayer(workshop: SweepWorkshop): PlaySweep {
  return async (plan, play, options = {}, holds) => {
    const log: string[] = [];
    const { folder = workshop.folder(plan) } = options;
    const launcher = playedLauncher({ plan, folder, play, log });
    await runSweep({
      plan,
      folder,
      launcher: { ...launcher, ...(holds && { holds }) },
      parallel: 1,
      prepare: async ({ id }) => [id],
      logFile: () => "",
      listener: {
        started: ({ index }) => log.push(`start ${index + 1}`),
        ended: ({ index }, { status, reason }, willRetry) =>
          log.push(
            `${status} ${index + 1}${reason === undefined ? "" : `: ${reason}`}${willRetry ? ", again" : ""}`,
          ),
        waitsFor: ({ index }) => log.push(`wait ${index + 1}`),
      },
      signal: new AbortController().signal,
      backoffSeconds: 0,
      ...options,
    });
    return log;
  };
}

interface Played {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  readonly play: PlayedProcess;
  readonly log: string[];
}

/** Plays the process of the trial that a command names, and leaves what it would. */
function playedLauncher({ plan, folder, play, log }: Played): Launcher {
  const starts = new Map<string, number>();
  async function run(trial: Trial, stopped: Promise<void>): Promise<LaunchEnd> {
    const start = (starts.get(trial.id) ?? 0) + 1;
    starts.set(trial.id, start);
    const { outcome, summary, logged, ...end } = await play(trial, start, stopped);
    const left = { ...(outcome && { outcome }), ...(summary && { summary }) };
    if (end.signal === null) {
      await storeTrial(folder, plan, trial, { ...left, ...(logged && { logged }) });
    }
    return end;
  }
  return {
    name: "played",
    launch({ command: [id = ""] }) {
      const trial = plan.known(99).find((each) => each.id === id)!;
      let stop = (): void => {};
      const stopped = new Promise<void>((resolve) => (stop = resolve));
      return {
        ended: run(trial, stopped),
        stop() {
          log.push(`stop ${trial.index + 1}`);
          stop();
        },
      };
    },
  };
}
