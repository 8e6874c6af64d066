import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readSweepWish } from "../../../../framework/sweep/sweepControl.ts";
import { SweepWorkers } from "../../../../framework/sweep/sweepWorkers.ts";
import { seedbed } from "../../../support/cli.ts";
import { sweepWorkshop } from "../../../support/sweeps.ts";

describe("seedbed sweep pause, resume, stop", () => {
  const run = seedbed();
  const workshop = sweepWorkshop();

  /** The words of a command, and the folder of the sweep that it is for. */
  function sweep(): { words: string[]; folder: string } {
    const { path: folder } = workshop.folder(workshop.plan("parameters: { a: { value: 1 } }"));
    mkdirSync(folder, { recursive: true });
    return { words: [workshop.path("sweep.yaml"), "--runs", workshop.path("runs")], folder };
  }

  for (const [name, wish] of [
    ["pause", "pause"],
    ["resume", "run"],
    ["stop", "stop"],
  ] as const) {
    it(`asks the processes that run a sweep to ${name}`, async () => {
      const { words, folder } = sweep();
      const worker = new SweepWorkers(folder);
      worker.join(false);
      const { exitCode, printed } = await run(["sweep", name, ...words, "--finish"]);
      worker.leave();
      expect(exitCode).to.equal(0);
      expect(printed[0]).to.match(/^Sweep sweep is (paused|resumed|stopped), once its running/);
      expect(readSweepWish(folder)).to.deep.equal({ wish, finish: true });
    });
  }

  it("refuses where no process runs it", async () => {
    const { exitCode, warned } = await run(["sweep", "pause", ...sweep().words]);
    expect(exitCode).to.equal(2);
    expect(warned[0]).to.match(
      /^Cannot pause sweep sweep: no process runs it in .*sweep; start one/,
    );
  });
});
