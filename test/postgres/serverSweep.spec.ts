import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { plainPoint } from "../../framework/sweep/point.ts";
import { readJournalAddress } from "../../framework/sweep/postgres/journalAddress.ts";
import {
  openServerSweep,
  type OpenServerSweepOptions,
  type ServerSweep,
} from "../../framework/sweep/postgres/serverSweep.ts";
import type { TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { finished, sweepPlayer, type PlayedProcess } from "../support/playedSweeps.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { finishedTrials } from "../support/sweepChecks.ts";
import { sweepWorkshop } from "../support/sweeps.ts";

const four = "parameters: { data.slope: { values: [1, 2, 3, 4] } }";

describe("a sweep whose journal is in PostgreSQL", () => {
  const workshop = sweepWorkshop();
  const run = sweepPlayer(workshop);
  let server: TestPostgres;
  let database = "";
  let count = 0;
  const opened: ServerSweep[] = [];

  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());
  beforeEach(() => {
    database = `sweeps${++count}`;
    server.sql(`CREATE DATABASE ${database}`);
  });
  afterEach(async () => {
    for (const sweep of opened.splice(0)) await sweep.close();
  });

  const warned: string[] = [];
  beforeEach(() => void (warned.length = 0));

  interface OpenOptions extends Partial<OpenServerSweepOptions> {
    readonly url?: string;
    readonly sharesCheckpoints?: boolean;
  }

  /** @param runs a folder of the test's, which stands for a machine */
  async function open(
    plan: TrialPlan,
    runs: string,
    { url = server.address(database), sharesCheckpoints = false, ...options }: OpenOptions = {},
  ): Promise<ServerSweep> {
    const { id, spec } = plan;
    const sweep = await openServerSweep({
      address: readJournalAddress(undefined, { SEEDBED_JOURNAL: url })!,
      runsFolder: workshop.path(runs),
      plan: { id, name: spec.name, version: "1", warmStart: "", sharesCheckpoints },
      warn: (line) => warned.push(line),
      starts: true,
      patienceSeconds: 20,
      ...options,
    });
    opened.push(sweep);
    return sweep;
  }

  /** A worker with a folder of its own. */
  async function work(
    plan: TrialPlan,
    runs: string,
    play: PlayedProcess = () => finished,
    options: OpenOptions = {},
  ): Promise<string[]> {
    const { folder, meeting } = await open(plan, runs, options);
    return run(plan, play, { folder, meeting, joins: true });
  }

  const starts = (logs: readonly string[][]): string[] =>
    logs.flat().filter((line) => line.startsWith("start"));

  /** What the trials of a sweep have found, by their ids. */
  function numbersOf(plan: TrialPlan, runs: string): Record<string, unknown> {
    const folder = (id: string): string => workshop.path(runs, "sweep", id);
    return Object.fromEntries(
      plan
        .known(99)
        .map(({ id }) => [id, readMetrics(folder(id)).map((each) => [each.step, each.metrics])]),
    );
  }

  /** Takes a moment, and logs numbers that follow from the point. */
  const curve: PlayedProcess = async ({ point }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const slope = Number(plainPoint(point)["data.slope"]);
    const logged = Array.from({ length: 9 }, (_, i) => ({ score: slope * (i + 1) }));
    return { ...finished, logged, summary: { score: slope * 9 } };
  };

  describe("with workers that have no folder in common", () => {
    it("shares the trials of a grid, of which none is run twice", async () => {
      const plans = [1, 2, 3].map(() => workshop.plan(four));
      const logs = await Promise.all(plans.map((plan, i) => work(plan, `place${i}`, curve)));
      expect(starts(logs).toSorted()).to.deep.equal([1, 2, 3, 4].map((n) => `start ${n}`));
      const [plan] = plans;
      const { folder } = await open(plan!, "afterwards", { starts: false });
      expect(finishedTrials(folder.path).size).to.equal(4);
      expect(plan!.known(4).map(({ id }) => folder.record(id).status)).to.deep.equal(
        Array.from({ length: 4 }, () => "finished"),
      );
      const alone = workshop.plan(four);
      await run(alone, curve);
      expect(numbersOf(alone, "afterwards")).to.deep.equal(numbersOf(alone, "runs"));
    });
  });
});
