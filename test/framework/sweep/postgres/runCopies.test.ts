import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { expect } from "chai";
import { describe, it } from "mocha";

import { packRun, removeCopy, unpackRun } from "../../../../framework/sweep/postgres/runCopies.ts";
import { readMetrics } from "../../../../framework/tracking/metricsFile.ts";
import { openTrialRun, storeTrial, sweepWorkshop } from "../../../support/sweeps.ts";

describe("a copy of a run", () => {
  const workshop = sweepWorkshop();
  const text = "parameters: { data.slope: { values: [1, 2] } }";

  /** A run that has come to its end. @returns its folder */
  async function store(outcome: "finished" | "interrupted" = "finished"): Promise<string> {
    const plan = workshop.plan(text);
    const [trial] = plan.known(1);
    const folder = workshop.folder(plan);
    await storeTrial(folder, plan, trial!, { outcome, logged: [{ loss: 2 }, { loss: 1 }] });
    return folder.runFolder(trial!.id);
  }

  it("has manifest, settings and numbers, and no other line or file", async () => {
    const run = await store();
    const name = run.slice(workshop.path().length + 1);
    const whole = readFileSync(`${run}/metrics.jsonl`, "utf8");
    const more =
      '{"kind":"text","step":3,"epoch":0,"wallTimeSeconds":1,"key":"k","text":"t"}\n{"kind":"met';
    workshop.write({ [`${name}/metrics.jsonl`]: whole + more, [`${name}/trial.log`]: "printed" });
    const copy = workshop.path("copy");
    expect(unpackRun(copy, packRun(run))).to.equal(true);
    expect(readdirSync(copy).toSorted()).to.deep.equal([
      ...["copy.json", "manifest.json", "metrics.jsonl", "spec.yaml"],
    ]);
    expect(readFileSync(`${copy}/metrics.jsonl`, "utf8")).to.equal(whole);
    expect(readFileSync(`${copy}/manifest.json`)).to.deep.equal(
      readFileSync(`${run}/manifest.json`),
    );
  });

  it("gives way to a later one, and to a run that begins", async () => {
    const run = await store();
    const copy = workshop.path("copy");
    unpackRun(copy, packRun(run));
    unpackRun(copy, gzipSync(JSON.stringify({ "metrics.jsonl": "" })));
    expect(readMetrics(copy)).to.deep.equal([]);
    expect(existsSync(`${copy}/manifest.json`)).to.equal(false);
    removeCopy(copy);
    expect(existsSync(copy)).to.equal(false);
  });

  it("takes the place of what was begun here, but of nothing finished", async () => {
    const [begun, other] = [await store("interrupted"), workshop.path("copy")];
    unpackRun(other, gzipSync(JSON.stringify({ "spec.yaml": "a: 1\n" })));
    const packed = packRun(other);
    expect(unpackRun(begun, packed)).to.equal(true);
    expect(readFileSync(`${begun}/spec.yaml`, "utf8")).to.equal("a: 1\n");
    removeCopy(begun);
    const finished = await store();
    expect(unpackRun(finished, packed)).to.equal(true);
    expect(readMetrics(finished)).to.have.length(2);
    removeCopy(finished);
    expect(existsSync(finished)).to.equal(true);
  });

  it("waits while a process runs what is here", async () => {
    const plan = workshop.plan(text);
    const folder = workshop.folder(plan);
    const run = openTrialRun(folder, plan, plan.known(1)[0]!);
    expect(unpackRun(run.folder, packRun(run.folder))).to.equal(false);
    await run.finish("interrupted");
    expect(unpackRun(run.folder, packRun(run.folder))).to.equal(true);
  });

  it("writes no other file than those, and nothing of what is no copy", () => {
    const copy = workshop.path("copy");
    for (const bytes of [
      Buffer.from("no gzip"),
      gzipSync("no JSON"),
      gzipSync("[1]"),
      gzipSync("1"),
    ]) {
      expect(unpackRun(copy, bytes)).to.equal(true);
    }
    expect(existsSync(copy)).to.equal(false);
    unpackRun(
      copy,
      gzipSync(JSON.stringify({ "../out": "x", "spec.yaml": 3, "trial.json": "{}" })),
    );
    expect(readdirSync(copy)).to.deep.equal(["copy.json"]);
    expect(existsSync(workshop.path("out"))).to.equal(false);
  });
});
