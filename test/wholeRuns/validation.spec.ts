import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { program, repository, runFolder, tinySpec } from "./dreamboothRun.ts";

const spec = [
  ...tinySpec,
  "data.class.count=2",
  "trainer.threads=1",
  "validation.recontextualisations=0",
];
const metrics = [
  "validation.metrics=true",
  "validation.metricSamples=2",
  "validation.colourSamples=0",
];
/** Everything that can be looked at. */
const looks = [
  ...metrics,
  "validation.prompts=[a sks penguin]",
  "validation.samples=2",
  "validation.reconstructions=always",
  "validation.clip=test/fixtures/clip",
];

/** @returns the exit code; null after a kill */
async function seedbed(args: string[], killWhen = () => false): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...args], { cwd: repository, stdio: "ignore" });
  const closed = once(child, "close");
  while (child.exitCode === null && child.signalCode === null) {
    if (killWhen()) child.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [code]: (number | null)[] = await closed;
  return code ?? null;
}

/** What was trained: every step's numbers, and the weights at the end. */
function trained(folder: string): unknown {
  const losses = readMetrics(folder).flatMap(({ step, metrics }) =>
    ["train/loss", "val/loss"].flatMap((name) =>
      name in metrics ? [[step, name, metrics[name]]] : [],
    ),
  );
  const weights = readFileSync(path.join(folder, "model/unet/diffusion_pytorch_model.safetensors"));
  return { losses, weights: weights.toString("base64") };
}

/** Every picture that was logged while training, and every metric, by name. */
function looked(folder: string): unknown {
  const media = path.join(folder, "media/validation");
  const pictures = readdirSync(media).toSorted();
  return {
    metrics: readMetrics(folder).map(({ step, metrics }) => ({ step, metrics })),
    pictures: pictures.map((name) => [name, readFileSync(path.join(media, name), "base64")]),
  };
}

describe("dreambooth's validation", () => {
  const temporary = temporaryFolder();

  it("changes no number of the training, and goes on after a kill with the same pictures", async function run() {
    this.timeout(600_000);
    const averaged =
      "callbacks=[weightAveraging: {decay: 0.5}, modelCheckpoint: {everyNTrainSteps: 2}]";
    const kept = [...spec, averaged];
    const [plain, whole, cut] = ["plain", "whole", "cut"].map((name) => temporary.path(name));
    expect(await seedbed(["run", ...kept, "--runs", plain!])).to.equal(0);
    expect(await seedbed(["run", ...kept, ...looks, "--runs", whole!])).to.equal(0);
    expect(trained(runFolder(whole!))).to.deep.equal(trained(runFolder(plain!)));

    const picture = (): string =>
      path.join(runFolder(cut!), "media/validation/samples_00000004_0.png");
    const killed = await seedbed(["run", ...kept, ...looks, "--runs", cut!], () =>
      existsSync(picture()),
    );
    expect(killed).to.equal(null);
    expect(await seedbed(["resume", runFolder(cut!)])).to.equal(0);
    expect(trained(runFolder(cut!))).to.deep.equal(trained(runFolder(plain!)));
    expect(looked(runFolder(cut!))).to.deep.equal(looked(runFolder(whole!)));
    expect(readdirSync(path.join(runFolder(whole!), "media/validation"))).to.include.members([
      "reconstructions_00000002_0.png",
      "samples_00000008_0.png",
    ]);
  });

  it("leaves the best model by a metric in `model/` and in the samples after training", async function run() {
    this.timeout(600_000);
    const best = "callbacks=[earlyBest: {monitor: val/score, mode: max}]";
    const runs = temporary.path("best");
    expect(await seedbed(["run", ...spec, best, ...metrics, "--runs", runs])).to.equal(0);
    const folder = runFolder(runs);
    const rows = readMetrics(folder).filter(({ metrics: row }) => "val/score" in row);
    const scoreOf = ({ metrics: row }: (typeof rows)[number]): number => row["val/score"]!;
    const [first] = rows.toSorted((a, b) => scoreOf(b) - scoreOf(a));
    expect(first!.step, "the last is not the best").to.be.lessThan(8);
    const { summary } = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
    // The samples after training have the prompts and seeds of the look at the best step.
    expect(summary.fidelity).to.be.closeTo(first!.metrics["val/fidelity"]!, 1e-6);
    expect(summary.diversity).to.be.closeTo(first!.metrics["val/diversity"]!, 1e-6);
  });
});
