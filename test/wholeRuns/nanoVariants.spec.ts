import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { readModelFolder, readPeftAdapter } from "seedbed";

import { loadExperimentSpec } from "../../framework/cli/loadExperimentSpec.ts";
import { readManifest, type RunManifest } from "../../framework/tracking/runManifest.ts";
import { runCommand } from "../support/runCommand.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { repository } from "./dreamboothRun.ts";

const configs = path.join(repository, "configs/nano");
const found = readdirSync(path.join(configs, "variants")).toSorted();
/** `fine-tuned` begins with what `pretrained` has made. */
const variants = ["pretrained.yaml", ...found.filter((name) => name !== "pretrained.yaml")];
const specs = [
  path.join(configs, "1-teacher.yaml"),
  ...variants.map((name) => path.join(configs, "variants", name)),
];

const inSpecs = (names: readonly string[], values: readonly string[]): string[] =>
  names.flatMap((name) => values.map((value) => `${name}:${value}`));

const fromNothing = ["1-teacher", "pretrained"];
const students = ["on-policy", "reverse-kl", "sequence-level", "top-k"];
const trained = [...fromNothing, "fine-tuned", "lora", ...students];

const small = [
  "data.scale=0.05",
  "data.sources=[speeches, countries, tools]",
  "data.vocabularySize=500",
  ...inSpecs(trained, [
    ...["data.batchSize=2", "data.length=256"],
    ...["trainer.threads=1", "trainer.maxSteps=3", "trainer.valCheckInterval=3"],
    ...["trainer.limitValBatches=4", "lrSchedule.warmupSteps=1"],
    ...["sampling={questions: [Hello!], length: 4}", "evaluation={limit: 1, documents: 2}"],
  ]),
  ...inSpecs(fromNothing, [
    ...["model.features=64", "model.feedForward=96", "model.layers=2"],
    ...["model.heads=2", "model.keyValueHeads=2"],
  ]),
  // A teacher whose answers have an end.
  ...inSpecs(["1-teacher"], ["trainer.maxSteps=80", "data.mixture={tools: 0, countries: 6}"]),
  ...inSpecs(students, [
    ...["data.mixture={tools: 0.05}", "pruning={layers: 1, feedForward: 64, batches: 1}"],
  ]),
  ...inSpecs(["on-policy"], ["distillation.onPolicy={share: 1, length: 4}"]),
  ...inSpecs(["sequence-level"], ["distillation.teacherTexts={length: 24, limit: 64}"]),
  ...inSpecs(["trimmed-vocabulary"], ["vocabulary.size=400", "evaluation.documents=2"]),
  ...inSpecs(
    ["router"],
    [
      ...["models.weak=run:distilled-on-policy", "router={limit: 8, batchSize: 4}"],
      "evaluation.limit=2",
      `models.prices=${path.join(repository, "configs/serve/prices.yaml")}`,
      ...["trainer.maxSteps=3", "trainer.valCheckInterval=3", "lrSchedule.warmupSteps=1"],
    ],
  ),
];

describe("nano's variants", () => {
  const temporary = temporaryFolder();

  /** The only run of a spec: its folder, and what it says of itself. */
  async function runOf(spec: string): Promise<{ folder: string; manifest: RunManifest }> {
    const { name } = (await loadExperimentSpec(spec)).spec;
    const ids = readdirSync(temporary.path("runs", name));
    expect(ids, name).to.have.length(1);
    const folder = temporary.path("runs", name, ids[0]!);
    return { folder, manifest: readManifest(folder) };
  }

  it("run from one command, each to its end", async () => {
    const command = ["run", ...specs, ...small, "--runs", temporary.path("runs")];
    const { code, text } = await runCommand(command, temporary.path());
    expect(code, text).to.equal(0);
    const runs = new Map<string, Awaited<ReturnType<typeof runOf>>>();
    for (const spec of specs) runs.set(path.basename(spec, ".yaml"), await runOf(spec));
    for (const name of trained) {
      const { folder, manifest } = runs.get(name)!;
      expect(manifest.summary["steps"], name).to.equal(name === "1-teacher" ? 80 : 3);
      expect(manifest.summary["val/loss"], name).to.be.within(0.1, 10);
      expect(existsSync(path.join(folder, "model/tokenizer.json")), name).to.equal(true);
    }
    const usedBy = (name: string, artifact: string) =>
      runs.get(name)!.manifest.artifacts?.find((each) => each.name === artifact)?.from?.run;
    const idOf = (name: string): string => runs.get(name)!.manifest.id;
    expect(usedBy("fine-tuned", "start")).to.equal(idOf("pretrained"));
    for (const name of students) expect(usedBy(name, "teacher"), name).to.equal(idOf("1-teacher"));
    expect(usedBy("router", "weak")).to.equal(idOf("on-policy"));

    const { layers } = readPeftAdapter(path.join(runs.get("lora")!.folder, "adapter"));
    expect(layers.size, "of both layers").to.equal(2 * 7);
    const trimmed = readModelFolder(path.join(runs.get("trimmed-vocabulary")!.folder, "model"));
    expect(trimmed.config["vocab_size"]).to.equal(400);
    const kept = readdirSync(temporary.path(".cache/seedbed/nano-teacher"));
    expect(kept, "answers and logits of the teacher").to.have.length(2);
    const router = runs.get("router")!;
    expect(Number(router.manifest.summary["winRate/saved/dollars"])).to.be.within(-100, 100);
    expect(existsSync(path.join(router.folder, "report/report.md"))).to.equal(true);
  });
});
