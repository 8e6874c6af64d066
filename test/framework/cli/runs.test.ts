import { existsSync, readdirSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { createRun } from "../../../framework/tracking/createRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { readRunNotes } from "../../../framework/tracking/runNotes.ts";
import { seedbed, type ProgramResult } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("seedbed runs", () => {
  const folder = temporaryFolder();
  const program = seedbed();
  const runs = (...args: string[]): Promise<ProgramResult> =>
    program(["runs", ...args, "--runs", folder.path("runs")]);
  const create = (id: string): Run =>
    createRun({
      root: folder.path("runs"),
      name: "toy",
      id,
      seed: 1,
      spec: {},
      specYaml: "name: toy\ntags: [base]\n",
      command: [],
    });
  async function finished(id: string): Promise<Run> {
    const run = create(id);
    await run.finish("finished");
    return run;
  }

  it("lists runs whose files are damaged by what their manifest says, with a warning for each", async () => {
    const [lines, spec] = [await finished("aa11"), await finished("bb22")];
    await finished("cc33");
    writeFileSync(lines.path("metrics.jsonl"), "no record\n");
    writeFileSync(spec.path("spec.yaml"), "name: [toy\n");
    writeFileSync((await finished("dd44")).path("notes.json"), '{"tags": [');
    const { exitCode, printed, warned } = await runs();
    expect(printed.map((line) => line.split(/ +/).slice(0, 4))).to.deep.equal([
      ["id", "name", "status", "step"],
      ["aa11", "toy", "finished", "?"],
      ["bb22", "toy", "finished", "?"],
      ["cc33", "toy", "finished", "0"],
      ["dd44", "toy", "finished", "0"],
    ]);
    expect(warned[0]).to.include(`Cannot read ${lines.path("metrics.jsonl")}:1: expected a record`);
    expect(warned[1]).to.include(`Cannot read ${spec.path("spec.yaml")}:2: expected YAML`);
    expect([exitCode, warned.length]).to.deep.equal([0, 2]);
  });

  it("tag adds tags, takes off those with a minus, and prints what there is", async () => {
    const { folder: run } = await finished("aa11");
    expect((await runs("tag", "aa", "best", "-base", "-h2", "größe")).printed).to.deep.equal([
      `${run}: best, größe`,
    ]);
    expect((await runs("tag", "aa11")).printed).to.deep.equal([`${run}: best, größe`]);
    expect((await runs("tag", "aa11", "-best", "-größe")).printed).to.deep.equal([
      `${run}: no tags`,
    ]);
    expect(readRunNotes(run).tags).to.deep.equal([]);
  });

  it("tag says where a spec is damaged", async () => {
    const run = await finished("aa11");
    writeFileSync(run.path("spec.yaml"), "name: toy\ntags: [base\n");
    const { exitCode, warned } = await runs("tag", "aa11", "best");
    expect(exitCode).to.equal(2);
    expect(warned.join("\n")).to.match(
      /^Cannot read .*aa11\/spec\.yaml:3: expected YAML, got .+; mend it/,
    );
  });

  it("note sets what is said of a run, and prints it", async () => {
    const { folder: run } = await finished("aa11");
    expect((await runs("note", "aa11")).printed).to.deep.equal([`${run}: no notes`]);
    await runs("note", "aa11", "<b>two</b>\n- lines");
    expect((await runs("note", "aa11")).printed).to.deep.equal(["<b>two</b>", "- lines"]);
    await runs("note", "aa11", "");
    expect(readRunNotes(run).notes).to.equal("");
  });

  it("archive, unarchive, star and unstar mark runs, all that are named or none", async () => {
    const [a, b] = [await finished("aa11"), await finished("bb22")];
    const marks = (): boolean[] =>
      [a, b].flatMap(({ folder: run }) => {
        const { archived, starred } = readRunNotes(run);
        return [archived, starred];
      });
    await runs("archive", "aa11", "bb22");
    await runs("star", "bb22");
    expect(marks()).to.deep.equal([true, false, true, true]);
    expect((await runs()).printed.slice(1)).to.deep.equal([
      "2 archived: seedbed runs ls --archived",
    ]);
    const { exitCode, warned } = await runs("unarchive", "aa11", "cc33");
    expect(exitCode).to.equal(2);
    expect(warned[0]).to.include('Cannot find run "cc33"');
    await runs("unstar", "bb22");
    expect(marks()).to.deep.equal([true, false, true, false]);
  });

  it("delete moves a run to the trash, from which restore brings it back", async () => {
    const run = await finished("aa11");
    const trash = folder.path("runs", ".trash", "toy", "aa11");
    expect((await runs("delete", "aa11")).printed[0]).to.equal(`${run.folder} is now ${trash}`);
    expect(existsSync(run.folder)).to.equal(false);
    expect((await runs()).printed[0]).to.include("There are no runs");
    expect((await runs("restore", "aa")).printed).to.deep.equal([run.folder]);
    expect(readdirSync(run.folder)).to.include.members(["manifest.json", "spec.yaml"]);
    expect((await runs()).printed[1]).to.include("aa11");
  });

  it("delete keeps each of several runs that had one place, and restore replaces none", async () => {
    await finished("aa11");
    await runs("delete", "aa11");
    await finished("aa11");
    await runs("delete", "aa11");
    expect(readdirSync(folder.path("runs", ".trash", "toy"))).to.deep.equal(["aa11", "aa11~2"]);
    const second = folder.path("runs", ".trash", "toy", "aa11~2");
    expect((await runs("restore", second)).printed).to.deep.equal([
      folder.path("runs", "toy", "aa11"),
    ]);
    const { exitCode, warned } = await runs("restore", "aa11");
    expect([exitCode, warned[0]]).to.deep.equal([
      2,
      `Cannot restore run ${folder.path("runs", ".trash", "toy", "aa11")}: there is another one at ${folder.path("runs", "toy", "aa11")}`,
    ]);
  });

  it("delete refuses a run that runs, and one that is elsewhere", async () => {
    const run = create("aa11");
    const { exitCode, warned } = await runs("delete", "aa11");
    expect(exitCode).to.equal(2);
    expect(warned[0]).to.include(`it is in use by process ${process.pid}`);
    await run.finish("finished");
    const elsewhere = await program(["runs", "delete", run.folder, "--runs", folder.path("other")]);
    expect(elsewhere.warned[0]).to.include(`expected one below ${folder.path("other")}`);
    expect(existsSync(run.folder)).to.equal(true);
  });
});
