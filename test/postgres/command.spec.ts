import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { seedbed, type ProgramResult } from "../support/cli.ts";
import { lineProgram } from "../support/lineSweep.ts";
import { finishedTrials } from "../support/sweepChecks.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { emptyDatabase, server } from "./sharedServer.ts";

const sweep = `program: base.yaml
method: random
run_cap: 1
metric: { name: slope, goal: maximize }
parameters: { data.slope: { min: 1.0, max: 2.0 } }
`;

describe("seedbed sweep --journal", () => {
  const run = seedbed();
  const folder = temporaryFolder();
  beforeEach(() => {
    emptyDatabase();
    folder.write({ "base.yaml": lineProgram(5), "line.yaml": sweep });
  });
  afterEach(() => void delete process.env["SEEDBED_JOURNAL"]);

  /** Calls a command of the sweep. @param runs a folder, which stands for a machine */
  async function call(name: string, runs: string, ...more: string[]): Promise<ProgramResult> {
    process.env["SEEDBED_JOURNAL"] = server().address("sweeps");
    const [file, place] = [folder.path("line.yaml"), folder.path(runs)];
    const words = [...(name === "" ? [] : [name]), file, ...more, "--runs", place];
    return run(["sweep", ...words]);
  }

  it("runs trials, adds some and reports on them, on machines that share a database alone", async () => {
    const { exitCode, printed } = await call("", "one");
    expect([exitCode, printed.at(-1)]).to.deep.equal([
      0,
      `Compare the trials with: seedbed sweep report ${folder.path("line.yaml")}`,
    ]);
    expect(process.env["SEEDBED_JOURNAL"], "of trials").to.equal(undefined);
    const added = await call("add", "two", "data.slope=1.25");
    expect(added.printed[0]).to.match(
      /^Trial 2 of line, \w{8}: data.slope 1.25; it runs with: seedbed sweep/,
    );
    expect((await call("", "one")).exitCode).to.equal(0);
    const database = `postgres://seedbed@127.0.0.1:${server().port}/sweeps`;
    const report = await call("report", "three", "--journal", database);
    expect(report.exitCode, "the password of SEEDBED_JOURNAL is not that of --journal").to.equal(2);
    expect((await call("report", "three")).printed.at(-1)).to.match(/^2 of 2 trials finished/);
    expect(finishedTrials(folder.path("three", "line")).size).to.equal(2);
    const logs = readdirSync(folder.path("one", "line")).map((id) =>
      folder.path("one", "line", id, "trial.log"),
    );
    expect(logs.filter((file) => existsSync(file))).to.have.length(2);
  });

  it("says what is wrong before anything starts, in a line without the password", async () => {
    const password = "a%20password%20of%20the%20tests";
    const typed = await call("", "one", "--journal", server().address("sweeps"));
    expect([typed.exitCode, typed.warned.length]).to.deep.equal([2, 1]);
    expect(typed.warned[0]).to.match(
      /^Cannot use --journal: expected an address without a password/,
    );
    server().sql(
      "CREATE TABLE seedbed_schema (version integer); INSERT INTO seedbed_schema VALUES (1)",
      "sweeps",
    );
    const other = await call("", "one");
    expect([other.exitCode, other.warned.length]).to.deep.equal([2, 1]);
    expect(other.warned[0]).not.to.include(password);
    expect(existsSync(folder.path("one", "line", "sweep.jsonl"))).to.equal(false);
  });

  it("does not go on with a sweep of a database without it", async () => {
    await call("add", "one", "data.slope=1.5");
    for (const words of [[], ["pause"], ["add"]]) {
      const more = words[0] === "add" ? ["data.slope=1.75"] : [];
      const { exitCode, warned } = await run([
        ...["sweep", ...words, folder.path("line.yaml"), ...more],
        ...["--runs", folder.path("one")],
      ]);
      expect([exitCode, warned[0]]).to.deep.equal([
        2,
        `Cannot go on with the sweep in ${path.join(folder.path("one"), "line")}: its journal is in a database; give that with --journal or SEEDBED_JOURNAL`,
      ]);
    }
    expect((await call("pause", "one")).warned[0]).to.match(
      /^Cannot pause sweep line: no process runs it by the journal postgres:\/\/127.0.0.1:\d+\/sweeps; start one/,
    );
  });

  it("is refused for jobs of Kubernetes, which keep no journal", async () => {
    const keys = "launcher: { name: kubernetes, image: x, claim: y, mountPath: / }\n";
    folder.write({ "line.yaml": sweep + keys });
    const { exitCode, warned } = await call("", "one", "--journal", "postgres://db/x");
    expect([exitCode, warned]).to.deep.equal([
      2,
      [
        "Cannot write jobs for sweep line with --journal: they share the volume of their runs, and no process keeps a journal; leave it out",
      ],
    ]);
  });
});
