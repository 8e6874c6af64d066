import { spawnSync } from "node:child_process";
import { mkdirSync, realpathSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { mpiFolder, runWorkers } from "../support/mpirun.ts";
import { expectEnd, SumsRuns } from "../support/sumsRuns.ts";

const misfit = (kind: string) => ({
  environment: {
    NODE_OPTIONS: `--import=${path.join(mpiFolder, "preload", "misfit.mjs")}`,
    SEEDBED_MISFIT: kind,
  },
});

describe("workers of which one differs", () => {
  const runs = new SumsRuns();

  it("end when the host of one has no MPI", async () => {
    const { code, text, seconds } = await runWorkers([runs.args()], misfit("library"));
    expect(text).to.match(/Cannot train on 2 workers: rank 1 finds no library of .*\/nowhere/);
    expect(code, text).to.equal(2);
    expect(seconds).to.be.below(40);
  });

  it("refuse another version of Seedbed", async () => {
    const ended = await runWorkers([runs.args()], misfit("version"));
    expectEnd(ended, {
      code: 2,
      text: /^Cannot train together: rank 1 runs seedbed 9\.9\.9, rank 0 runs \d/m,
    });
  });

  it("refuse data of another length", async () => {
    const ended = await runWorkers([runs.args()], misfit("data"));
    expectEnd(ended, {
      code: 2,
      text: /^Cannot train together: batches in an epoch of rank 1: 5, of rank 0: 6;/m,
    });
  });

  it("train on when the clocks jump", async () => {
    const maxTime = "trainer.maxTime=1 h";
    const slow = "data.delayMs=50";
    const jumping = await runWorkers([runs.args(maxTime, slow)], misfit("clock"));
    expect(jumping.code, jumping.text).to.equal(0);
    const losses = runs.curve("train/loss");
    expect(losses).to.have.length(8);
    expect(runs.manifest().status).to.equal("finished");
    runs.folder.clear();
    expect((await runWorkers([runs.args(maxTime, slow)])).code).to.equal(0);
    expect(losses).to.deep.equal(runs.curve("train/loss"));
  });
});

describe("workers whose checkpoints cannot be written", () => {
  const runs = new SumsRuns();
  const movedTo = (folder: string): string[] =>
    runs.args(
      `callbacks=[{misbehave: {rank: 0, how: moveCheckpoints, to: ${folder}}}, {modelCheckpoint: {everyNTrainSteps: 4}}]`,
      "trainer.strategy={shardOptimizer: true}",
    );

  it("end, naming rank 0, when the folder may not be written to", async function () {
    if (process.platform !== "linux") this.skip(); // of others no such folder is known
    const ended = await runWorkers([movedTo("/sys/kernel")]);
    expectEnd(ended, { code: 1, text: /^rank 0: .*(?:EPERM|EROFS|EACCES)/m });
    expect(runs.manifest().status).to.equal("failed");
  });

  it("end, naming rank 0, when the disk is full", async () => {
    const small = runs.folder.path("small");
    mkdirSync(small);
    const mounts = `mount -t tmpfs -o size=8k none '${small}' && exec "$@"`;
    const through = ["unshare", "-rm", "sh", "-c", mounts, "sh"];
    const [program = "", ...words] = through;
    const mayMount = spawnSync(program, [...words, "true"]).status === 0;
    const { environment } = misfit("fullDisk");
    const full = { environment: { ...environment, SEEDBED_FULL: realpathSync(small) } };
    const ended = await runWorkers([movedTo(small)], mayMount ? { through } : full);
    expectEnd(ended, { code: 1, text: /^rank 0: .*Cannot write [^]*ENOSPC/m });
    expect(runs.manifest().status).to.equal("failed");
  });
});
