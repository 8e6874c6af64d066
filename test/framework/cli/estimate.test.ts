import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { parseByteCount } from "../../../framework/base/byteCount.ts";
import { findLevers } from "../../../framework/cli/estimating/levers.ts";
import { cliFolder, seedbed } from "../../support/cli.ts";
import { runSeedbed } from "../../support/mpirun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const spec = (backend: string): string => `experiment: leastSquares
trainer: { backend: ${backend}, maxSteps: 2, threads: 1 }
optimizer: { name: adamW, learningRate: 0.1 }
callbacks: []
loggers: { tensorBoard: false, wandb: false }
`;

describe("seedbed estimate", () => {
  const folder = temporaryFolder();
  const run = seedbed();

  it("says what training takes, and what would make it fit", async () => {
    folder.write({ "line.yaml": spec("ort") });
    const args = ["estimate", folder.path("line.yaml"), "--memory", "1 MB"];
    const { code, text } = await runSeedbed(args, { cwd: cliFolder });
    expect(code, text).to.equal(0);
    const bytes = parseByteCount(/^Training takes about (.*)$/m.exec(text)?.[1] ?? "");
    expect(bytes).to.be.within(5e7, 1e9); // Node, TF.js and one weight
    expect(text).to.match(/^That does not fit 1 MB. What would change it:$/m);
    expect(text).to.match(/^8-bit Adam +.* MB +optimizer.name=adam8bit/m);
    expect(text).to.match(/^offloading +.* MB +optimizer.offload=true/m);
    expect(readdirSync(folder.path())).to.deep.equal(["line.yaml"]);
  }).timeout(120_000); // four processes

  it("refuses what it cannot look into, and what is no size", async () => {
    folder.write({ "line.yaml": spec("cpu") });
    const other = await run(["estimate", folder.path("line.yaml"), "--bytes"]);
    expect([other.exitCode, other.warned]).to.deep.equal([
      2,
      ["Cannot estimate memory: expected trainer.backend ort, got cpu"],
    ]);
    const size = await run(["estimate", folder.path("line.yaml"), "--memory", "8"]);
    expect(size.warned.join()).to.match(/^Cannot use --memory: .*such as 500 MB or 2 GiB, got "8"/);
  });
});

describe("findLevers()", () => {
  it("has those that the spec takes and has not pulled", async () => {
    const asked: (readonly string[])[] = [];
    const given = {
      data: { batchSize: 8 },
      model: { gradientCheckpointing: true, lora: null, trains: { unet: true, textEncoder: true } },
      trainer: { accumulateGradBatches: 2 },
      optimizer: { name: "adamW" },
    };
    const levers = await findLevers(given, async (overrides) => {
      asked.push(overrides);
      return overrides[0] !== "model.lora={rank: 4}";
    });
    expect(levers.map(({ name, overrides }) => [name, ...overrides])).to.deep.equal([
      ["accumulation", "data.batchSize=4", "trainer.accumulateGradBatches=4"],
      ["8-bit Adam", "optimizer.name=adam8bit"],
      ["offloading", "optimizer.offload=true"],
      ["freezing", "model.trains.textEncoder=false"],
    ]);
    expect(asked).to.have.length(5);
  });

  for (const optimizer of [
    { name: "lion", offload: true },
    { name: "lion", offload: { folder: "scratch" } },
    { name: "sgd", momentum: 0 },
  ]) {
    it(`does not offload the moments of ${JSON.stringify(optimizer)}`, async () => {
      const given = { trainer: { accumulateGradBatches: 1 }, optimizer };
      const levers = await findLevers(given, async () => true);
      expect(levers.map(({ name }) => name)).not.to.include("offloading");
    });
  }
});
