import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { peftPrefix, readModelFolder, readPeftAdapter } from "seedbed";

import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { runCommand } from "../support/runCommand.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { repository } from "./dreamboothRun.ts";

const files = { teacher: "1-teacher", distilled: "2-distilled" };
const config = (name: keyof typeof files): string =>
  path.join(repository, "configs/nano", `${files[name]}.yaml`);
const small = [
  "data.scale=0.1",
  "data.sources=[countries, rules]",
  "data.vocabularySize=600",
  "data.batchSize=4",
  "data.length=128",
  "trainer.threads=2",
  "trainer.valCheckInterval=10",
  "trainer.limitValBatches=2",
  "lrSchedule.warmupSteps=2",
  "evaluation={limit: 2, documents: 10}",
];
/** Heads that copy take two layers. */
const sizes = (layers: number): string[] => [
  `model.layers=${layers}`,
  `model.inductionHeads=${layers >= 2}`,
  ...["model.features=64", "model.feedForward=128", "model.heads=2", "model.keyValueHeads=1"],
];

/** In place of a student that is cut out of its teacher. */
const fromNothing = ["model.folder=null", "pruning={}"];

describe("nano", () => {
  const temporary = temporaryFolder();

  /** Trains in a folder that has nothing, and gives the run's own. */
  async function train(name: keyof typeof files, args: string[]): Promise<string> {
    const runs = temporary.path(name);
    const { code, text } = await runCommand(
      ["run", config(name), ...small, ...args, "--runs", runs],
      temporary.path(),
    );
    expect(code, text).to.equal(0);
    const [id = ""] = readdirSync(path.join(runs, name));
    return path.join(runs, name, id);
  }

  const values = (run: string, metric: string): number[] =>
    readMetrics(run).flatMap(({ metrics }) => metrics[metric] ?? []);

  it("learns dialogues, and teaches a smaller model", async () => {
    const teacher = await train("teacher", [...sizes(2), "trainer.maxSteps=40"]);
    const losses = values(teacher, "val/loss");
    expect(losses.at(-1)).to.be.below(losses[0]! - 0.5);
    expect(values(teacher, "train/crossEntropy"), "beside the weighted loss").to.have.length.above(
      0,
    );
    const expected = [
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ];
    const model = path.join(teacher, "model");
    expect(expected.filter((file) => !existsSync(path.join(model, file)))).to.deep.equal([]);
    expect(readFileSync(path.join(teacher, "answers.txt"), "utf8")).to.match(
      /^> What is a heron\?/,
    );

    const taught = [
      ...[...sizes(1), ...fromNothing, "trainer.maxSteps=20"],
      `distillation.teacher=${model}`,
    ];
    const student = await train("distilled", taught);
    const divergences = values(student, "train/divergence");
    expect(divergences.at(-1)).to.be.below(0.8 * divergences[0]!);
  });

  it("goes on by changes of low rank, which it writes as peft does", async () => {
    const first = path.join(await train("teacher", [...sizes(1), "trainer.maxSteps=10"]), "model");
    const goesOn = [
      `model.folder=${first}`,
      "pruning={}",
      "lora={rank: 4}",
      "distillation.teacher=null",
      "optimizer.learningRate=0.01",
    ];
    const run = await train("distilled", [...goesOn, "trainer.maxSteps=30"]);
    const losses = values(run, "val/loss");
    expect(losses.at(-1)).to.be.below(losses[0]!);
    const { layers, baseModel } = readPeftAdapter(path.join(run, "adapter"));
    expect(baseModel).to.equal(first);
    expect(layers.size).to.equal(7);
    const weights = (folder: string) => readModelFolder(folder).tensors;
    const [before, after] = [weights(first), weights(path.join(run, "model"))];
    const changed = [...after].filter(
      ([name, { values: each }]) =>
        !Buffer.from(each.buffer).equals(Buffer.from(before.get(name)!.values.buffer)),
    );
    expect(changed.map(([name]) => `${peftPrefix}.${name}`)).to.have.members(
      [...layers.keys()].map((name) => `${name}.weight`),
    );
  });

  it("refuses a teacher with other tokens before it trains", async () => {
    const teacher = await train("teacher", [...sizes(1), "trainer.maxSteps=1"]);
    const folder = path.join(teacher, "model");
    const refusal = async (data: string): Promise<string> => {
      const args = ["run", config("distilled"), ...small, ...sizes(1), ...fromNothing, data];
      const { code, text } = await runCommand(
        [...args, `distillation.teacher=${folder}`, "--runs", temporary.path("other")],
        temporary.path(),
      );
      expect(code).to.not.equal(0);
      return text;
    };
    const size = await refusal("data.vocabularySize=700");
    expect(size).to.include("expected a vocabulary of 700 entries");
    expect(readdirSync(temporary.path(".cache/seedbed/nano")).length).to.equal(1);
    const texts = await refusal("data.sources=[countries]");
    expect(texts).to.include("expected the tokenizer of these data");
  });
});
