import { writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { planEvaluation } from "../../../../experiments/dreambooth/evaluation/planEvaluation.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";
import type { EvaluatedRun, EvaluateOptions } from "../../../../framework/experiment/evaluation.ts";
import { readRun } from "../../../../framework/tracking/runStore.ts";
import { storedRun } from "../../../support/storedRun.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const model = path.resolve("models/emoji-64");
const penguin =
  "{ instance: { folder: subjects/penguin, prompt: a sks penguin }, class: { prompt: a penguin } }";
const cat = "{ instance: { folder: subjects/cat, prompt: a zwx cat }, class: { prompt: a cat } }";

describe("planEvaluation()", () => {
  const folder = temporaryFolder();

  /** @param data section of the spec */
  async function makeRun(data: string, more: object = {}): Promise<EvaluatedRun> {
    const parameters = { "unet.conv_out.bias": [0] };
    const section = JSON.stringify({ folder: model, ...more });
    const { folder: place, run } = storedRun(folder.path("runs"), {
      model: { folder: model },
      parameters,
    });
    const text = `name: tiny\nexperiment: dreambooth\nmodel: ${section}\ndata: ${data}\nsampling: { samples: 3 }\n`;
    writeFileSync(path.join(place, "spec.yaml"), text);
    await run.finish("finished", {});
    const { spec } = await loadExperimentSpec(path.join(place, "spec.yaml"));
    return { stored: readRun(place), spec, name: "tiny" };
  }

  const plan = (runs: EvaluatedRun[], options: EvaluateOptions = {}) =>
    planEvaluation({ runs, options, print() {} });

  it("gathers runs of one subject, whose base is asked once", async () => {
    const runs = [await makeRun(penguin), await makeRun(penguin), await makeRun(cat)];
    const subjects = await plan(runs);
    expect(
      subjects.map(({ question, runs: own }) => [question.subject.prompt, own.length]),
    ).to.deep.equal([
      ["a sks penguin", 2],
      ["a zwx cat", 1],
    ]);
    const [{ base, runs: own } = subjects[0]!] = subjects;
    expect(own[0]!.weights).to.include({ name: "step-0000003", steps: 3, trainable: 1 });
    expect(own[0]!.weights.hash).to.not.equal(base.weights.hash);
    expect(base.size).to.equal(64);
    expect(base.wanted.map(({ count }) => count).slice(0, 3)).to.deep.equal([3, 3, 3]);
  });

  it("finds a run of several subjects among the runs of each", async () => {
    const both = await makeRun(`{ subjects: [${penguin}, ${cat}] }`);
    const subjects = await plan([both, await makeRun(cat)]);
    expect(
      subjects.map(({ runs }) => runs.map(({ run }) => run.stored.folder === both.stored.folder)),
    ).to.deep.equal([[true], [true, false]]);
  });

  it("does not ask a model for words that it lacks, nor lets a prompt have them", async () => {
    const [subject] = await plan([await makeRun(penguin.replace("sks", "flibbert"))]);
    expect(subject!.base.wanted.map(({ prompt }) => prompt)).to.deep.equal(["a penguin"]);
    const problem = await plan([await makeRun(penguin)], { prompts: ["a flibbert"] }).catch(String);
    expect(problem).to.include(
      'Cannot evaluate prompt "a flibbert": the model\'s vocabulary lacks flibbert',
    );
  });

  it("asks the run's model alone for a token that it has learnt", async () => {
    const data = penguin.replace("sks", "<pengu>");
    const [subject] = await plan([
      await makeRun(data, { inversion: { token: "<pengu>", initializer: "penguin" } }),
    ]);
    expect(subject!.base.wanted).to.have.length(1);
    expect(subject!.runs[0]!.wanted).to.have.length(12); // the class, the subject, ten colours
  });

  it("refuses weights that a run has not kept", async () => {
    const run = await makeRun(penguin);
    expect(await plan([run], { checkpoint: "best" }).catch(String)).to.include("best");
    expect(await plan([run], { checkpoint: "model" }).catch(String)).to.include(
      "has not come to write it",
    );
  });
});
