import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { RandomStream } from "../../../framework/base/random.ts";
import { findLastCheckpoint } from "../../../framework/training/checkpointFolder.ts";
import { InterruptedError } from "../../../framework/training/interruptedError.ts";
import { maxSteps, resumableFit, type KillHook } from "./resumableFit.ts";

const script = fileURLToPath(new URL("resumableFit.ts", import.meta.url));

/** Runs the fit in a process of its own. */
async function fitInProcess(
  folder: string,
  ...kill: string[]
): Promise<{ signal: string | null; bytes: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", script, folder, ...kill], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [, signal]: (string | null)[] = await once(child, "close");
  return { signal: signal ?? null, bytes: output.trim().split("\n").at(-1) ?? "" };
}

/** Lines of the loss file; the same step may be there twice after a resume. */
const losses = (folder: string): string[] =>
  readFileSync(path.join(folder, "losses.txt"), "utf8").trim().split("\n");

/**
 * Everything in the checkpoints folder: names, and the content of the small files.
 *
 * @param except a checkpoint to leave out: the one a fit was resumed from stays meanwhile
 */
function checkpoints(folder: string, except?: string): Record<string, unknown> {
  const root = path.join(folder, "checkpoints");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted();
  const reviver = (key: string, value: unknown): unknown =>
    key === "obsolete" && Array.isArray(value) ? value.filter((name) => name !== except) : value;
  return Object.fromEntries(
    names
      .filter((name) => name.split(path.sep)[0] !== except)
      .map((name) => [
        name,
        name.endsWith(".json") && JSON.parse(readFileSync(path.join(root, name), "utf8"), reviver),
      ]),
  );
}

const hooks: KillHook[] = [
  "onTrainBatchEnd",
  "onSaveCheckpoint",
  "onCheckpointSaved",
  "onValidationEnd",
];

/** One moment to be killed at for each hook. */
const moments = hooks.map((hook, seed) => {
  const random = new RandomStream(seed, "kill");
  return { hook, step: 4 + random.integer(maxSteps - 7) };
});

describe("resuming", () => {
  let root = "";
  let whole = { bytes: "", folder: "" };
  const folderOf = (name: string): string => path.join(root, name);

  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "seedbed-resume-"));
    const folder = folderOf("whole");
    const { bytes } = await resumableFit(folder);
    whole = { bytes, folder };
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it("is compared with a run that has one loss per step", () => {
    const steps = losses(whole.folder).filter((line) => line.startsWith("train"));
    expect(steps).to.have.length(maxSteps);
    expect(new Set(steps.map((line) => line.split(" ")[2])).size).to.equal(maxSteps);
  });

  describe("after SIGKILL", () => {
    before(async function killAll() {
      this.timeout(180_000);
      const killed = moments.map(({ hook, step }) =>
        fitInProcess(folderOf(hook), hook, String(step)),
      );
      for (const { signal } of await Promise.all(killed)) expect(signal).to.equal("SIGKILL");
    });

    for (const { hook, step } of moments) {
      it(`in ${hook} at step ${step} gives the same bits`, async () => {
        const folder = folderOf(hook);
        const resumed = path.basename(findLastCheckpoint(path.join(folder, "checkpoints")) ?? "");
        const inChild = hook === hooks[0]; // this process is a new one, too
        const { bytes } = await (inChild ? fitInProcess(folder) : resumableFit(folder));
        expect(bytes).to.equal(whole.bytes);
        expect([...new Set(losses(folder))].toSorted()).to.deep.equal(
          losses(whole.folder).toSorted(),
        );
        expect(checkpoints(folder, resumed)).to.deep.equal(checkpoints(whole.folder, resumed));
      });
    }
  });

  describe("after the signal was aborted", () => {
    const places = ["onTrainBatchEnd", "onValidationBatchEnd", "onTrainEpochStart"] as const;
    for (const hook of places) {
      it(`in ${hook} gives the same bits`, async () => {
        const folder = folderOf(`abort-${hook}`);
        const controller = new AbortController();
        const aborting = {
          name: "aborting",
          [hook]: ({ step }: { step: number }) => step >= 7 && controller.abort(),
        };
        const error: unknown = await resumableFit(folder, {
          signal: controller.signal,
          callbacks: [aborting],
        }).catch((caught: unknown) => caught);
        expect(error).to.be.instanceOf(InterruptedError);
        const { checkpoint } = error instanceof InterruptedError ? error : {};
        expect(checkpoint && existsSync(checkpoint), "checkpoint").to.equal(true);

        const { bytes } = await resumableFit(folder);
        expect(bytes).to.equal(whole.bytes);
        expect(losses(folder)).to.deep.equal(losses(whole.folder)); // no step was done twice
        expect(checkpoints(folder)).to.deep.equal(checkpoints(whole.folder));
      });
    }
  });

  it("with more steps equals having asked for them at once", async () => {
    const options = { validateOnTrainEnd: false };
    const first = folderOf("longer");
    await resumableFit(first, { ...options, maxSteps: 10 });
    const { bytes } = await resumableFit(first, options);
    expect(bytes).to.equal((await resumableFit(folderOf("at-once"), options)).bytes);
  });

  it("does nothing when the fit was complete", async () => {
    const before = checkpoints(whole.folder);
    const { stopReason, bytes } = await resumableFit(whole.folder);
    expect(stopReason).to.equal("nothingToTrain");
    expect(bytes).to.equal(whole.bytes);
    expect(checkpoints(whole.folder)).to.deep.equal(before);
  });
});
