import { expect } from "chai";
import { describe, it } from "mocha";

import {
  trainingFacts,
  type LoggedRun,
} from "../../../../experiments/dreambooth/evaluation/trainingFacts.ts";

describe("trainingFacts()", () => {
  const record = (wallTimeSeconds: number, metrics: Record<string, number>) => ({
    ...{ wallTimeSeconds, metrics },
  });
  const run = (metrics: LoggedRun["metrics"], resumes: string[] = []): LoggedRun => ({
    metrics,
    manifest: { resumes: resumes.map((startedAt) => ({ startedAt })) },
  });

  it("averages the last tenth of the losses", () => {
    const losses = Array.from({ length: 20 }, (_, i) => record(i, { "train/loss": i }));
    expect(trainingFacts(run([...losses, record(20, { "val/loss": 0.1 })]))).to.deep.equal({
      loss: 18.5,
      lossInstance: undefined,
      seconds: 20,
    });
  });

  it("does not count the time between an interruption and a resume", () => {
    const records = [10, 12, 1000, 1003].map((time) => record(time, {}));
    const { seconds } = trainingFacts(run(records, [new Date(990_000).toISOString()]));
    expect(seconds).to.equal(5); // 10 to 12, 1000 to 1003
  });

  it("tells nothing of a run that logged nothing", () => {
    expect(trainingFacts(run([]))).to.deep.equal({
      loss: undefined,
      lossInstance: undefined,
      seconds: undefined,
    });
  });
});
