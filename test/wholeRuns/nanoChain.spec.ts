import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import { describe, it } from "mocha";
import { readDecoderConfig, readModelFolder } from "seedbed";

import type { NanoManifest } from "../../experiments/nano/data/buildNanoData.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { readManifest, type RunManifest } from "../../framework/tracking/runManifest.ts";
import { runCommand } from "../support/runCommand.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { repository } from "./dreamboothRun.ts";

const configs = path.join(repository, "configs/nano");
const specs = readdirSync(configs)
  .filter((name) => name.endsWith(".yaml"))
  .toSorted()
  .map((name) => path.join(configs, name));

/** Values in one spec of the chain. */
const inSpec = (name: string, values: readonly string[]): string[] =>
  values.map((value) => `${name}:${value}`);
const quick = ["trainer.valCheckInterval=10", "lrSchedule.warmupSteps=2"];
const sizes = ["features=64", "feedForward=128", "heads=4", "keyValueHeads=2"].map(
  (size) => `model.${size}`,
);
const small = [
  "data.scale=0.03",
  "data.sources=[words, countries, rules, tools, invented, echoes, drawn]",
  "data.vocabularySize=600",
  "data.batchSize=4",
  "data.length=128",
  "trainer.threads=1",
  "trainer.limitValBatches=2",
  "evaluation={limit: 2, documents: 10}",
  ...inSpec("1-teacher", [...quick, ...sizes, "model.layers=3", "trainer.maxSteps=120"]),
  ...inSpec("2-distilled", [...quick, "trainer.maxSteps=40"]),
  ...inSpec("2-distilled", [
    "pruning={layers: 2, feedForward: 112, keyValueHeads: 2, features: 48}",
  ]),
  ...inSpec("3-pruned", [...quick, "trainer.maxSteps=20"]),
  ...inSpec("3-pruned", ["pruning={layers: 1, feedForward: 96, keyValueHeads: 1, features: 32}"]),
  ...inSpec("4-pictures-connector", [...quick, "trainer.maxSteps=4"]),
  ...inSpec("4-pictures-connector", [
    "model.tower={features: 16, feedForward: 32, layers: 1, heads: 2, patchSize: 16}",
  ]),
  ...inSpec("4-pictures", [...quick, "trainer.maxSteps=4"]),
  ...inSpec("4-pictures", ["data.dialogues={share: 0.3, length: 128, batchSize: 1}"]),
];

interface ChainRun {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly config: (folder?: string) => ReturnType<typeof readDecoderConfig>;
  readonly values: (metric: string) => number[];
}

describe("nano's chain", () => {
  const temporary = temporaryFolder();

  /** The only run of a name. */
  function runOf(name: string): ChainRun {
    const ids = readdirSync(temporary.path("runs", name));
    expect(ids, name).to.have.length(1);
    const folder = temporary.path("runs", name, ids[0]!);
    return {
      folder,
      manifest: readManifest(folder),
      config: (model = "model") =>
        readDecoderConfig(readModelFolder(path.join(folder, model)).config),
      values: (metric) => readMetrics(folder).flatMap(({ metrics }) => metrics[metric] ?? []),
    };
  }

  const numberOf = ({ manifest }: ChainRun, key: string): number => Number(manifest.summary[key]);

  it("makes of a teacher, from one command, a small model in 4 bits, and reports on it", async () => {
    const command = ["run", ...specs, ...small, "--runs", temporary.path("runs")];
    const { code, text } = await runCommand(command, temporary.path());
    expect(code, text).to.equal(0);
    const [teacher, distilled, pruned] = [runOf("teacher"), runOf("distilled"), runOf("pruned")];
    checkTraining(teacher, distilled);
    checkPruning(distilled, pruned);
    const [pictures, quantized] = [runOf("pictures"), runOf("quantized")];
    checkLineage({ distilled, pruned, pictures, quantized }, teacher);
    checkQuantization(quantized, pictures);
    await checkReport();
  });

  function checkTraining(teacher: ChainRun, distilled: ChainRun): void {
    const losses = teacher.values("val/loss");
    expect(losses.at(-1)).to.be.below(losses[0]! - 0.5);
    const divergences = distilled.values("train/divergence");
    expect(divergences.at(-1)).to.be.below(0.8 * divergences[0]!);
    // Of 600 tokens: who has learnt nothing has 600.
    for (const run of [teacher, distilled]) {
      expect(numberOf(run, "test/perplexity")).to.be.within(1, 150);
      const groups = ["words", "countries", "rules", "tools", "toolsHeldOut"];
      const means = groups.map((group) => numberOf(run, `test/${group}`));
      const mean = means.reduce((sum, each) => sum + each, 0) / means.length;
      expect(numberOf(run, "test/score")).to.be.closeTo(mean, 1e-9);
    }
    const built = temporary.path(".cache/seedbed/nano");
    const [key = "", ...others] = readdirSync(built);
    expect(others, "data are built once").to.deep.equal([]);
    const { counts }: Pick<NanoManifest, "counts"> = JSON.parse(
      readFileSync(path.join(built, key, "manifest.json"), "utf8"),
    );
    const sources = counts.filter(({ split }) => split === "train").map(({ source }) => source);
    expect(sources).to.include.members(["words", "invented", "echoes"]);
  }

  function checkPruning(distilled: ChainRun, pruned: ChainRun): void {
    const { num_hidden_layers, intermediate_size, num_key_value_heads, hidden_size, head_dim } =
      pruned.config();
    expect([num_hidden_layers, intermediate_size, num_key_value_heads, hidden_size]).to.deep.equal([
      ...[1, 96, 1, 32],
    ]);
    expect(head_dim, "heads keep their width").to.equal(distilled.config().head_dim);
    const { kept, influences } = JSON.parse(
      readFileSync(path.join(pruned.folder, "pruning.json"), "utf8"),
    );
    expect(influences[kept.layers[0]]).to.equal(Math.max(...influences));
    expect(kept.feedForward[0]).to.have.length(96);
    const divergences = pruned.values("train/divergence");
    expect(divergences.at(-1), "taught again").to.be.below(divergences[0]!);
  }

  /** What each run used is what the one before it has made, to the hash. */
  function checkLineage(
    runs: Record<"distilled" | "pruned" | "pictures" | "quantized", ChainRun>,
    teacher: ChainRun,
  ): void {
    const { distilled, pruned, pictures, quantized } = runs;
    const made = ({ manifest }: ChainRun): string | null | undefined =>
      manifest.artifacts?.find(({ name, direction }) => name === "model" && direction === "output")
        ?.sha256;
    const used = ({ manifest }: ChainRun, name: string) => {
      const artifact = manifest.artifacts?.find((each) => each.name === name);
      return { run: artifact?.from?.run, sha256: artifact?.sha256 };
    };
    for (const [user, name, maker] of [
      [distilled, "teacher", teacher],
      [pruned, "teacher", teacher],
      [pruned, "start", distilled],
      [distilled, "start", teacher],
      [quantized, "start", pictures],
    ] as const) {
      const { id } = maker.manifest;
      expect(used(user, name)).to.deep.equal({ run: id, sha256: made(maker) });
    }
  }

  function checkQuantization(quantized: ChainRun, pictures: ChainRun): void {
    const of = (key: string): number => numberOf(quantized, key);
    const { folder } = pictures;
    const seeing = statSync(path.join(folder, "model/model.safetensors")).size / 1e6;
    expect(of("float32/megabytes")).to.be.within(0.9 * seeing, seeing);
    expect(of("float32/perplexity")).to.be.closeTo(
      numberOf(pictures, "test/perplexity"),
      1e-3 * of("float32/perplexity"),
    );
    expect(of("int8/megabytes")).to.be.below(0.5 * seeing);
    expect(of("int4/megabytes")).to.be.below(of("int8/megabytes"));
    expect(of("int8/perplexityRise")).to.be.below(0.01);
    expect(of("int4/perplexityRise")).to.be.below(0.05);
    const { variants } = JSON.parse(
      readFileSync(path.join(quantized.folder, "quantization/report.json"), "utf8"),
    );
    const worst = Object.fromEntries(
      variants.map(({ name, errors }: { name: string; errors: { outputs?: number }[] }) => [
        name,
        Math.max(...errors.map(({ outputs = 0 }) => outputs)),
      ]),
    );
    expect(worst["int8"]).to.be.within(1e-4, 0.02);
    expect(worst["int4"], "GPTQ").to.be.below(worst["int4Rounded"]);
  }

  async function checkReport(): Promise<void> {
    const out = temporary.path("results");
    const script = path.join(repository, "experiments/nano/report.ts");
    const counts = ["--limit", "2", "--documents", "10", "--repeats", "1"];
    await promisify(execFile)(
      process.execPath,
      [
        createRequire(import.meta.url).resolve("tsx/cli"),
        script,
        "--runs",
        temporary.path("runs"),
        "--out",
        out,
        ...counts,
      ],
      { cwd: temporary.path() },
    );
    expect(existsSync(path.join(out, "README.md"))).to.equal(true);
    expect(readdirSync(path.join(out, "pictures"))).to.deep.equal(["score-and-speed.svg"]);
    const { links } = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8"));
    expect(links.map(({ name }: { name: string }) => name)).to.deep.equal([
      ...["full", "distilled", "pruned", "seeing", "int8", "int4"],
    ]);
    const [full, , , seeing, , int4] = links;
    expect(full.run).to.equal(runOf("teacher").manifest.id);
    expect(full.ratios).to.include({ speed: 1, cost: 1, perplexity: 1 });
    expect(int4.parameters).to.equal(seeing.parameters);
    expect(int4.bytes).to.be.below(0.5 * seeing.bytes);
    expect([full.named, typeof int4.named]).to.deep.equal([undefined, "number"]);
  }
});
