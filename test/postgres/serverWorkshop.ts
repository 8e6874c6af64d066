import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { afterEach, beforeEach } from "mocha";

import { readJournal, type JournalEvent } from "../../framework/sweep/journal.ts";
import {
  readJournalAddress,
  type JournalAddress,
} from "../../framework/sweep/postgres/journalAddress.ts";
import {
  openServerSweep,
  type OpenServerSweepOptions,
  type ServerSweep,
} from "../../framework/sweep/postgres/serverSweep.ts";
import { SweepFolder } from "../../framework/sweep/sweepFolder.ts";
import type { SweepEnd } from "../../framework/sweep/sweepRunner.ts";
import type { TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { sweepWorkshop, type SweepWorkshop } from "../support/sweeps.ts";
import { playWorker, type PlayedWorkerOptions } from "./playedWorker.ts";
import { emptyDatabase, server } from "./sharedServer.ts";

export interface OpenOptions extends Partial<OpenServerSweepOptions> {
  readonly url?: string;
  readonly version?: string;
  readonly sharesCheckpoints?: boolean;
}

type WorkOptions = OpenOptions & Partial<PlayedWorkerOptions>;

export interface ServerWorkshop {
  readonly workshop: SweepWorkshop;
  /** Lines for the person watching, of the test that runs. */
  readonly warned: readonly string[];
  readonly database: string;
  /** @param place names a folder, which stands for a machine */
  readonly open: (
    plan: TrialPlan,
    place: string,
    options?: OpenOptions,
  ) => Promise<ServerSweep & { plan: TrialPlan }>;
  /** A worker whose machine is of the folder's name. */
  readonly work: (plan: TrialPlan, place: string, options?: WorkOptions) => Promise<SweepEnd>;
  /** The same sweep with its journal in a folder. */
  readonly alone: (plan: TrialPlan) => Promise<void>;
  readonly sweepOf: (place: string) => string;
  readonly eventsOf: (place: string) => JournalEvent[];
  readonly linesOf: (place: string, pattern: RegExp) => string[];
  /** "" where it does not fail. */
  readonly failure: (promise: Promise<unknown>) => Promise<string>;
  /** What happened, without who did it and when. */
  readonly storyOf: (place: string) => unknown[];
  readonly addressOf: (url: string) => JournalAddress;
}

/** Four trials. */
export const four = "parameters: { data.slope: { values: [1, 2, 3, 4] } }\n";

/**
 * Sweeps whose journal is in the shared server, which is emptied before each test; for use inside
 * `describe`.
 */
export function serverWorkshop(): ServerWorkshop {
  const workshop = sweepWorkshop();
  const opened: ServerSweep[] = [];
  const warned: string[] = [];
  const database = "sweeps";
  beforeEach(() => {
    emptyDatabase();
    warned.length = 0;
  });
  afterEach(async () => {
    for (const sweep of opened.splice(0)) await sweep.close();
  });

  const addressOf = (url: string) => readJournalAddress(undefined, { SEEDBED_JOURNAL: url })!;

  async function open(
    plan: TrialPlan,
    place: string,
    { url = server().address(database), version = "1", ...options }: OpenOptions = {},
  ): Promise<ServerSweep & { plan: TrialPlan }> {
    const { sharesCheckpoints = false, ...more } = options;
    const { id, spec } = plan;
    const sweep = await openServerSweep({
      address: addressOf(url),
      runsFolder: workshop.path(place),
      plan: { id, name: spec.name, version, warmStart: "", sharesCheckpoints },
      warn: (line) => warned.push(line),
      starts: true,
      patienceSeconds: 20,
      ...more,
    });
    opened.push(sweep);
    return { ...sweep, plan };
  }

  async function work(
    plan: TrialPlan,
    place: string,
    options: WorkOptions = {},
  ): Promise<SweepEnd> {
    const { onStep, signal, stepMs, ...rest } = options;
    const sweep = await open(plan, place, { machine: place, ...rest });
    return playWorker({
      ...{ ...sweep, logFile: workshop.path(`${place}.log`) },
      ...(onStep && { onStep }),
      ...(signal && { signal }),
      ...(stepMs !== undefined && { stepMs }),
    });
  }

  async function alone(plan: TrialPlan): Promise<void> {
    const folder = new SweepFolder(workshop.path("alone"), plan.spec.name);
    await playWorker({ plan, folder, logFile: workshop.path("alone.log") });
  }

  const sweepOf = (place: string): string => workshop.path(place, "sweep");
  const eventsOf = (place: string) => readJournal(path.join(sweepOf(place), "sweep.jsonl"));
  const linesOf = (place: string, pattern: RegExp): string[] =>
    existsSync(workshop.path(`${place}.log`))
      ? readFileSync(workshop.path(`${place}.log`), "utf8")
          .split("\n")
          .filter((line) => pattern.test(line))
      : [];
  const failure = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "",
      (error: unknown) => String(error),
    );

  const storyOf = (place: string): unknown[] =>
    eventsOf(place).map((event) => {
      const { time: _, worker: _1, place: _2, ...rest } = event;
      return { ...rest, seconds: 0 };
    });

  return {
    workshop,
    warned,
    database,
    open,
    work,
    alone,
    sweepOf,
    eventsOf,
    linesOf,
    failure,
    storyOf,
    addressOf,
  };
}
