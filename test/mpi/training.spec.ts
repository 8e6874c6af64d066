import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { runSeedbed, runWorkers } from "../support/mpirun.ts";
import { expectEnd, SumsRuns } from "../support/sumsRuns.ts";

describe("several workers under mpirun", () => {
  const runs = new SumsRuns();
  const { folder } = runs;
  const args = (...more: string[]): string[] => runs.args(...more);
  const misbehaving = (options: string): string[] => args(`callbacks=[{misbehave: {${options}}}]`);
  const runFolder = (): string => runs.runFolder();
  const manifest = () => runs.manifest();
  const curve = (name: string): number[] => runs.curve(name);

  const steps: { title: string; overrides: string[]; lengths: Record<string, number> }[] = [
    {
      title: "of one optimizer",
      overrides: ["trainer.gradientClipVal=1"],
      lengths: { "train/loss": 8, "train/gradientNorm": 8, "val/loss": 2 },
    },
    {
      title: "of two, one after another",
      overrides: ["model.twice=true"],
      lengths: { "train/loss": 4, "train/lossBetween": 4, "val/loss": 1 },
    },
  ];
  for (const { title, overrides, lengths } of steps) {
    it(`give the losses of one process with their batches together: ${title}`, async () => {
      const together = await runWorkers([args(...overrides)]);
      expect(together.code, together.text).to.equal(0);
      const names = Object.keys(lengths);
      const curves = names.map(curve);
      expect(curves.map(({ length }) => length)).to.deep.equal(Object.values(lengths));
      folder.clear();
      const alone = await runSeedbed(args("data.batchSize=8", ...overrides));
      expect(alone.code, alone.text).to.equal(0);
      for (const [i, name] of names.entries()) {
        for (const [j, value] of curve(name).entries()) {
          expect(curves[i]![j], `${name} ${j}`).to.be.closeTo(value, 1e-5);
        }
      }
    });
  }

  it("log means over all, and leave one run folder and nothing else", async () => {
    const before = readdirSync(tmpdir());
    const { code, text } = await runWorkers([args("trainer.maxSteps=2")]);
    expect(code, text).to.equal(0);
    expect(text.match(/^Run \/.*$/gm)).to.have.length(1);
    expect(text.match(/^steps: 2$/gm)).to.have.length(1);
    expect([curve("rank"), curve("mine")]).to.deep.equal([
      [1.5, 1.5],
      [1, 1],
    ]);
    // A patch is there only where the project's files have changed.
    const kept = readdirSync(runFolder()).filter((name) => !/\.(?:bak|patch)$/.test(name));
    expect(kept).to.have.members([
      "console.jsonl",
      "manifest.json",
      "metrics.jsonl",
      "spec.yaml",
      "system.jsonl",
    ]);
    const left = readdirSync(tmpdir()).filter((name) => /^seedbed-rank/.test(name));
    expect(left.filter((name) => !before.includes(name))).to.deep.equal([]);
  });

  for (const twice of [false, true]) {
    it(`leave ${twice ? "both steps" : "a step"} out together when float16 overflows`, async () => {
      const half = ["trainer.precision=16-mixed", "trainer.lossScale.initialScale=1e6"];
      const model = [`model.twice=${twice}`, "trainer.maxSteps=16"];
      const { code, text } = await runWorkers([args(...half, ...model)]);
      expect(code, text).to.equal(0);
      const skipped = curve("train/skippedSteps");
      expect(skipped[0]).to.equal(twice ? 2 : 1);
      expect(skipped.at(-1)).to.be.below(16);
    });
  }

  it("go back together when one has a loss that is NaN", async () => {
    const goBack = [
      "trainer.onNonFinite=rollBack",
      "callbacks=[{modelCheckpoint: {everyNTrainSteps: 2}}]",
    ];
    const names = ["train/loss", "train/rollBacks", "val/loss"];
    const together = await runWorkers([args("data.broken=20", ...goBack)]);
    expect(together.code, together.text).to.equal(0);
    const lines = together.text.match(
      /^Step 4: expected a finite loss, got NaN; .*step-0000002,/gm,
    );
    expect(lines, together.text).to.have.length(1);
    const curves = names.map(curve);
    expect(curves[1]).to.deep.equal([0, 0, 0, 1, 1, 1, 1, 1]);
    folder.clear();
    const alone = await runSeedbed(args("data.broken=20", "data.batchSize=8", ...goBack));
    expect(alone.code, alone.text).to.equal(0);
    expect(curve("train/rollBacks")).to.deep.equal(curves[1]);
    for (const [i, name] of names.entries()) {
      for (const [j, value] of curve(name).entries()) {
        const other = curves[i]![j]!;
        const isClose = Number.isNaN(value) ? Number.isNaN(other) : Math.abs(other - value) <= 1e-5;
        expect(isClose, `${name} ${j}: ${other} and ${value}`).to.equal(true);
      }
    }
  });

  it("stop in order when one throws", async () => {
    const ended = await runWorkers([misbehaving("how: throw")]);
    expectEnd(ended, { code: 1, text: /rank 1: .*out of luck/ });
    expect(manifest().status).to.equal("failed");
    expect(String(manifest().summary["error"])).to.match(/rank 1: .*out of luck/);
  });

  for (const how of ["kill", "exit"]) {
    it(`end when one dies without a word: ${how}`, async () => {
      const ended = await runWorkers([misbehaving(`how: ${how}`)]);
      expect(ended.code, ended.text).to.be.a("number").that.does.not.equal(0);
      expect(ended.text).to.match(/rank 1\b|PID \d+ RUNNING/); // MPICH names the process
      expect(ended.seconds).to.be.below(40);
    });
  }

  it("do not wait for one that has left the epoch", async () => {
    const ended = await runWorkers([misbehaving("how: skip")]);
    expectEnd(ended, { code: 1, text: /rank 0 is at "batch 4, .*", rank 1 at "after step 3/ });
  });

  it("name the one whose numbers differ", async () => {
    const ended = await runWorkers([misbehaving("how: nan")]);
    expectEnd(ended, { code: 1, text: /rank 1 has a learning rate of NaN, rank 0 of 0.05/ });
  });

  it("stop early together when one asks for it", async () => {
    const { code, text } = await runWorkers([misbehaving("how: stop")]);
    expect(code, text).to.equal(0);
    expect(text).to.match(/^steps: 3$/m);
  });

  it("save once when one is interrupted, and go on as if nothing had happened", async () => {
    const interrupted = await runWorkers([misbehaving("how: interrupt")]);
    expectEnd(interrupted, { code: 143, text: /^Interrupted: /m });
    expect(manifest().status).to.equal("interrupted");
    const checkpoints = readdirSync(path.join(runFolder(), "checkpoints")).toSorted();
    expect(checkpoints.join(" ")).to.match(/^last.json step-000000[34]-interrupted$/);
    const resumed = await runWorkers([["resume", runFolder(), "--runs", folder.path("runs")]]);
    expect(resumed.code, resumed.text).to.equal(0);
    const { summary } = manifest();
    folder.clear();
    const whole = await runWorkers([args()]);
    expect(whole.code, whole.text).to.equal(0);
    expect(summary).to.deep.equal(manifest().summary);
  });

  it("refuse specs that differ", async () => {
    const ended = await runWorkers([args("seed=3"), args("seed=4")]);
    expectEnd(ended, {
      code: 2,
      text: /^Cannot train together: the spec of rank 1 has "seed: 4" where rank 0's has "seed: 3"$/m,
    });
    expect(readdirSync(folder.path())).to.deep.equal(["sums.yaml"]);
  });

  it("hear of a worker that cannot even read its spec", async () => {
    const ended = await runWorkers([args(), args("trainer.maxStep=1")]);
    expectEnd(ended, {
      code: 2,
      text: /^Cannot go on without rank 1: Cannot read spec .*unknown key "maxStep"/m,
    });
  });

  it("say that there is no MPI", async () => {
    const environment = { SEEDBED_LIBMPI: "/nowhere/libmpi.so" };
    const ended = await runWorkers([args()], { environment });
    expectEnd(ended, {
      code: 2,
      text: /Cannot train on 2 workers: rank [01] finds no library of (?:Open MPI|MPICH), tried \/nowhere/,
    });
  });

  it("refuse another number than trainer.devices", async () => {
    const ended = await runWorkers([args("trainer.devices=4")]);
    expectEnd(ended, {
      code: 2,
      text: /^Cannot train on 4 workers, as trainer.devices asks: got 2; start them with --workers 4/m,
    });
  });
});

describe("seedbed run --workers", () => {
  const runs = new SumsRuns();
  const { folder } = runs;
  const args = (...more: string[]): string[] => runs.args(...more);

  it("says how it starts mpirun, and trains", async () => {
    const { code, text } = await runSeedbed(args("--workers", "2"));
    expect(code, text).to.equal(0);
    expect(text).to.match(/^Starting 2 workers: mpirun -n 2 .* run .*sums.yaml/m);
    expect(text).to.match(/^2 workers on /m);
    expect(text).to.match(/^steps: 8$/m);
  });

  it("gives the workers time to save when it is asked to stop", async () => {
    let sent = false;
    const slow = args("--workers", "2", "data.delayMs=20", "trainer.maxSteps=100000");
    const { code, text } = await runSeedbed(slow, {
      onText(child, soFar) {
        if (sent || !soFar.includes("\nRun ")) return;
        sent = true;
        setTimeout(() => child.kill("SIGTERM"), 5000);
      },
    });
    expect(text).to.match(/^Interrupted: /m);
    expect(code, text).to.equal(143);
    const [id = ""] = readdirSync(folder.path("runs", "sums"));
    const checkpoints = readdirSync(folder.path("runs", "sums", id, "checkpoints"));
    expect(checkpoints).to.have.length(2).and.to.include("last.json");
  });

  it("refuses less than one", async () => {
    const { code, text } = await runSeedbed(args("--workers", "0"));
    expect([code, text]).to.deep.equal([
      2,
      "Cannot start workers: --workers must be an integer >= 1, got 0\n",
    ]);
  });
});
