import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { idefics3Preprocessing, readImageInfo, readModelFolder, readPeftAdapter } from "seedbed";

import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { runCommand } from "../support/runCommand.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { repository } from "./dreamboothRun.ts";

const small = [
  "data.scale=0.05",
  "data.sources=[rules, drawn]",
  "data.vocabularySize=500",
  "data.batchSize=4",
  "data.length=128",
  "trainer.threads=2",
  "trainer.valCheckInterval=10",
  "trainer.limitValBatches=2",
  "trainer.maxSteps=20",
  "lrSchedule.warmupSteps=2",
  "evaluation={limit: 2, documents: 10}",
];
const text = [
  ...["layers=1", "features=32", "feedForward=64", "heads=2", "keyValueHeads=1"],
  "inductionHeads=false", // they take two layers
];
const tower = "model.tower={features: 16, feedForward: 32, layers: 1, heads: 2, patchSize: 16}";

describe("nanoPictures", () => {
  const temporary = temporaryFolder();

  /** Trains, and gives the run's folder. */
  async function train(config: string, args: string[]): Promise<string> {
    const spec = path.join(repository, "configs/nano", `${config}.yaml`);
    const runs = temporary.path("runs");
    const command = ["run", spec, ...small, ...args, "--runs", runs];
    const { code, text: said } = await runCommand(command, temporary.path());
    expect(code, said).to.equal(0);
    const own = path.join(runs, config.replace(/^\d-/, ""));
    return path.join(own, readdirSync(own).at(-1)!);
  }

  const weights = (folder: string, part: string): string[] =>
    [...readModelFolder(folder).tensors].flatMap(([name, { values }]) =>
      name.startsWith(part) ? [`${name} ${Buffer.from(values.buffer).toString("base64")}`] : [],
    );

  it("gives a language model eyes, then trains all of it or changes of low rank", async () => {
    const sizes = text.map((each) => `model.${each}`);
    const language = path.join(await train("1-teacher", sizes), "model");
    const first = await train("4-pictures-connector", [tower, `model.folder=${language}`]);

    const model = path.join(first, "model");
    const own = weights(language, "model.").map((each) =>
      each.replace("model.", "model.text_model."),
    );
    expect(weights(model, "model.text_model."), "as it was").to.have.members(own);
    const files = ["preprocessor_config.json", "processor_config.json", "tokenizer.json"];
    expect(files.filter((file) => !existsSync(path.join(model, file)))).to.deep.equal([]);
    const settings: Record<string, unknown> = JSON.parse(
      readFileSync(path.join(model, "preprocessor_config.json"), "utf8"),
    );
    expect(() => idefics3Preprocessing(settings)).to.not.throw();
    const { width } = await readImageInfo(path.join(first, "pictures.png"));
    expect(width).to.be.above(4 * 128);

    const adapts = ["lora={rank: 2}", "model.trains={vision: nothing, connector: all, text: lora}"];
    const second = await train("4-pictures", [...adapts, "optimizer.learningRate=0.02"]);
    const logged = readMetrics(second).map(({ metrics }) => metrics);
    const losses = logged.flatMap((metrics) => metrics["val/loss"] ?? []);
    expect(losses.at(-1)).to.be.below(losses[0]!);
    const { layers, baseModel } = readPeftAdapter(path.join(second, "adapter"));
    expect(baseModel, "found by the name of its run").to.equal(model);
    expect(layers.size).to.equal(7);
    const after = path.join(second, "model");
    for (const [part, isSame] of [
      ["model.vision_model.", true],
      ["model.connector.", false],
      ["model.text_model.embed_tokens.", true],
      ["model.text_model.layers.0.mlp.down_proj.", false],
    ] as const) {
      const equal = String(weights(after, part)) === String(weights(model, part));
      expect(equal, part).to.equal(isSame);
    }
    const names = logged.flatMap((metrics) => Object.keys(metrics));
    expect(names).to.include.members(["train/dialogues", "val/dialogueLoss", "val/named"]);
  });
});
