import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { runCommand } from "../support/runCommand.ts";
import { storedRun } from "../support/storedRun.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const repository = path.resolve(import.meta.dirname, "../..");
const model = path.join(repository, "test/fixtures/stable-diffusion/tiny-sd-a");
const subject = path.join(repository, "subjects/penguin");

/** A run of the tiny model that has changed one bias. */
async function makeRun(
  runs: string,
  bias: number,
  spec: { seed: number; priorWeight: number },
): Promise<string> {
  const parameters = { "unet.conv_out.bias": [bias, 0, 0, 0] };
  const { folder, run } = storedRun(runs, { model: { folder: model }, parameters });
  const text = `name: tiny
experiment: dreambooth
seed: ${spec.seed}
model: { folder: ${model} }
loss: { priorWeight: ${spec.priorWeight} }
data:
  instance: { folder: ${subject}, prompt: a sks penguin, reference: ${subject}/reference }
  class: { prompt: a penguin }
sampling: { steps: 1, guidanceScale: 1, samples: 2 }
`;
  writeFileSync(path.join(folder, "spec.yaml"), text);
  await run.finish("finished", {});
  return folder;
}

interface Data {
  subjects: {
    base: Record<string, number>;
    groups: {
      name: string;
      numbers: Record<string, { mean: number; deviation: number | null; count: number } | null>;
      runs: { seed: number; weights: string; numbers: Record<string, number> }[];
    }[];
  }[];
}

describe("dreambooth, evaluated", () => {
  const folder = temporaryFolder();
  const readData = (): Data =>
    JSON.parse(readFileSync(folder.path("evaluation", "report.json"), "utf8"));

  it("compares runs with their base, each picture drawn once", async function evaluate() {
    this.timeout(300_000);
    const runs = [
      await makeRun(folder.path("runs"), 0.5, { seed: 1, priorWeight: 1 }),
      await makeRun(folder.path("runs"), 0.6, { seed: 2, priorWeight: 1 }),
      await makeRun(folder.path("runs"), 0.5, { seed: 1, priorWeight: 0 }),
    ];
    const first = await runCommand(["evaluate", ...runs], folder.path());
    expect(first.code, first.text).to.equal(0);
    expect(first.text).to.include("pictures 72/72"); // 3 models of 24: two share their weights
    const [{ base, groups } = { base: {}, groups: [] }] = readData().subjects;
    expect(groups.map(({ name, runs: own }) => [name, own.length])).to.deep.equal([
      ["priorWeight=1", 2],
      ["priorWeight=0", 1],
    ]);
    expect(base["diversityRatio"]).to.equal(1);
    expect(base["classDrift"]).to.be.closeTo(0, 1e-12);
    const { numbers, runs: both } = groups[0]!;
    expect(both.map(({ numbers: { classSimilarity } }) => classSimilarity)).to.not.include(
      base["classSimilarity"],
    );
    expect(numbers["steps"]).to.deep.equal({ mean: 3, deviation: 0, count: 2 });
    expect(numbers["trainable"]!.mean).to.equal(4);
    const sum = both.reduce((total, each) => total + each.numbers["fidelity"]!, 0);
    expect(numbers["fidelity"]!.mean).to.be.closeTo(sum / 2, 1e-12);
    expect(groups[1]!.runs[0]!.numbers).to.deep.equal(both[0]!.numbers);
    const data = readFileSync(folder.path("evaluation", "report.json"), "utf8");

    // As a killed evaluation leaves it: some pictures, and no report.
    const cache = folder.path(".cache", "seedbed", "samples");
    const [prompt = ""] = readdirSync(cache);
    rmSync(path.join(cache, prompt, "1.png"));
    rmSync(folder.path("evaluation"), { recursive: true });
    const second = await runCommand(["evaluate", ...runs], folder.path());
    expect(second.code, second.text).to.equal(0);
    expect(second.text).to.include("pictures 1/1");
    expect(readFileSync(folder.path("evaluation", "report.json"), "utf8")).to.equal(data);
  });
});
