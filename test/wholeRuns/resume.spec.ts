import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../framework/base/random.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { readManifest } from "../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { program, repository, runFolder, steps, tinySpec } from "./dreamboothRun.ts";

/** Changes of low rank and a token, the text encoder's for half of the training. */
const adapters = [
  "model.lora.rank=2",
  "model.inversion={token: <pet>, initializer: cat}",
  "model.trains.textEncoderUntil=4",
  "data.instance.prompt=a <pet> penguin",
];
/** A checkpoint at every second step. */
const spec = [
  ...tinySpec,
  "data.class.count=4",
  "trainer.threads=2",
  "callbacks.modelCheckpoint.everyNTrainSteps=2",
  "callbacks.modelCheckpoint.saveTopK=1",
];

function seedbed(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { cwd: repository, stdio: "ignore" });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code]: (number | null)[] = await once(child, "close");
  return code ?? null;
}

/** Everything that was measured, by step, without the wall times. */
function numbers(folder: string): unknown[] {
  return readMetrics(folder).map(({ step, epoch, metrics }) => ({ step, epoch, metrics }));
}

/** The weights that the run ended with. */
const unet = "model/unet/diffusion_pytorch_model.safetensors";
const adapterFiles = ["pytorch_lora_weights.safetensors", "learned_embeds.safetensors"];

describe("dreambooth, killed and resumed", () => {
  const temporary = temporaryFolder();

  for (const { title, overrides, files } of [
    { title: "models", overrides: [], files: [unet] },
    { title: "adapters", overrides: adapters, files: adapterFiles },
  ]) {
    it(`measures and ends with the same bits as a run that was left alone: ${title}`, async function resume() {
      this.timeout(300_000);
      const args = ["run", ...spec, ...overrides];
      const alone = seedbed(...args, "--runs", temporary.path("alone"));
      expect(await exitOf(alone)).to.equal(0);
      const whole = runFolder(temporary.path("alone"));

      const killAfter = 3 + new RandomStream(11, "kill").integer(steps - 4);
      const killed = seedbed(...args, "--runs", temporary.path("killed"));
      const ended = exitOf(killed);
      while (killed.exitCode === null) {
        const log = path.join(runFolder(temporary.path("killed")), "metrics.jsonl");
        if (existsSync(log) && lastStep(log) >= killAfter) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      killed.kill("SIGKILL");
      expect(await ended, "exit code of a killed process").to.equal(null);

      const folder = runFolder(temporary.path("killed"));
      expect(await exitOf(seedbed("resume", folder))).to.equal(0);
      expect(numbers(folder)).to.deep.equal(numbers(whole));
      for (const file of files) {
        const [resumed, left] = [folder, whole].map((at) => readFileSync(path.join(at, file)));
        expect(resumed!.equals(left!), file).to.equal(true);
      }
      expect(outputs(folder)).to.deep.equal(outputs(whole)).and.not.include(null);
    });
  }
});

/** Hashes of what the run has made, by their names, and of the model that it started from. */
function outputs(folder: string): unknown[] {
  const { artifacts = [] } = readManifest(folder);
  const made = artifacts.filter(({ type }) => type !== "checkpoint"); // these have times in them
  expect(made.map(({ name }) => name)).to.include.members(["base", "model"]);
  return made.flatMap(({ name, sha256 }) => [name, sha256]);
}

/** Highest step in a log whose last line may be torn. */
function lastStep(file: string): number {
  const found = readFileSync(file, "utf8").matchAll(/"step":(\d+)/g);
  return Math.max(0, ...Array.from(found, ([, step]) => Number(step)));
}
