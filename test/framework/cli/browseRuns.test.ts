import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { parquetReadObjects, asyncBufferFromFile } from "hyparquet";
import { beforeEach, describe, it } from "mocha";

import { seedbed, type ProgramResult } from "../../support/cli.ts";
import { writeRun } from "../../support/runFolders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("seedbed runs", () => {
  const folder = temporaryFolder();
  const program = seedbed();
  const runs = (...args: string[]): Promise<ProgramResult> =>
    program(["runs", ...args, "--runs", folder.path("runs")]);

  beforeEach(() => {
    for (const [id, seed, lr, loss] of [
      ["aa11", 1, 0.1, 0.5],
      ["ab22", 2, 0.1, 0.75],
      ["cc33", 1, 0.01, NaN],
    ] as const) {
      writeRun(folder.path("runs/toy", id), {
        manifest: {
          seed,
          summary: { score: Number.isNaN(loss) ? "NaN" : loss },
          git: { commit: id, dirty: false },
        },
        spec: { seed, optimizer: { lr } },
        points: [
          [1, { loss: 4 }],
          [2, { loss }],
        ],
      });
    }
    folder.write({
      "runs/toy/cc33/notes.json": '{"tags":["a,b"],"notes":"\\u001b[31m\\"odd\\"\\nrest"}',
    });
  });

  it("ls prints a table of all runs", async () => {
    const { printed, exitCode } = await runs("ls");
    expect(exitCode).to.equal(0);
    expect(printed).to.deep.equal([
      "id    name  status    step  startedAt         loss  tags",
      "aa11  toy   finished     2  2026-01-01 00:00   0.5",
      "ab22  toy   finished     2  2026-01-01 00:00  0.75",
      "cc33  toy   finished     2  2026-01-01 00:00   NaN  a,b",
    ]);
  });

  it("refuses a limit that is no number, and an option that is given twice", async () => {
    for (const [args, problem] of [
      [["ls", "--limit", "many"], "Cannot list runs: --limit must be an integer >= 1, got NaN"],
      [["ls", "--runs", "x"], "Cannot read the command: expected --runs once, got it 2 times"],
    ] as const) {
      const { exitCode, warned } = await runs(...args);
      expect([exitCode, warned]).to.deep.equal([2, [problem]]);
    }
    expect((await runs("ls", "--columns", "id", "--columns", "seed")).exitCode).to.equal(0);
  });

  it("ls filters, sorts and chooses columns", async () => {
    const { printed } = await runs(
      ...["ls", "config.optimizer.lr > 0.05", "--columns", "id,metrics.loss:max"],
      ...["--sort", "seed desc", "--limit", "1"],
    );
    expect(printed).to.deep.equal(["id    loss:max", "ab22         4"]);
    expect((await runs("ls", "seed > 5")).printed).to.deep.equal(["No run is like this"]);
  });

  it("ls makes one row of runs that agree", async () => {
    const options = ["--columns", "metrics.loss,id", "--group", "config.optimizer.lr"];
    expect((await runs("ls", "config.optimizer.lr > 0.05", ...options)).printed).to.deep.equal([
      "optimizer.lr  loss          id          n",
      "         0.1  0.625 ± 0.18  aa11, ab22  2",
    ]);
    expect((await runs("ls", ...options, "--format", "csv")).printed).to.deep.equal([
      "config.optimizer.lr,metrics.loss.mean,metrics.loss.deviation,metrics.loss.min,metrics.loss.max,metrics.loss.count,id,runs",
      '0.1,0.625,0.1767766952966369,0.5,0.75,2,"[""aa11"",""ab22""]",2',
      "0.01,NaN,NaN,NaN,NaN,1,cc33,1",
    ]);
  });

  it("ls prints JSON and CSV, whatever is in the notes", async () => {
    const columns = ["--columns", "id,summary.score,notes"];
    expect(
      JSON.parse((await runs("ls", ...columns, "--format", "json")).printed.join("\n"))[2],
    ).to.deep.equal({ id: "cc33", "summary.score": "NaN", notes: '\u001b[31m"odd"\nrest' });
    expect((await runs("ls", ...columns, "--format", "csv")).printed.slice(-2)).to.deep.equal([
      'cc33,NaN,"\u001b[31m""odd""',
      'rest"',
    ]);
    expect((await runs("ls", ...columns)).printed[3]).to.equal('cc33    NaN  �[31m"odd"');
  });

  it("ls says where a filter is wrong", async () => {
    const { warned, exitCode } = await runs("ls", "config.lr < 1");
    expect(exitCode).to.equal(2);
    expect(warned.join("\n")).to.match(/at character 1: .*did you mean config\.optimizer\.lr\?/);
  });

  it("show prints all that is known of a run", async () => {
    const { printed } = await runs("show", "cc");
    expect(printed.join("\n")).to.include('Notes\n  �[31m"odd"\n  rest');
    expect(printed).to.include.members([
      "toy/cc33",
      "  optimizer.lr  0.01",
      "  loss  NaN   4 at 1  4 at 1  2",
    ]);
    const json = JSON.parse((await runs("show", "cc33", "--format", "json")).printed.join("\n"));
    expect(json).to.deep.include({ id: "cc33", summary: { score: "NaN" } });
  });

  it("show tells which runs an ambiguous id may mean", async () => {
    const { warned, exitCode } = await runs("show", "a");
    expect(exitCode).to.equal(2);
    expect(warned.join()).to.match(/got aa11, ab22$/);
  });

  it("compare shows what differs, or all", async () => {
    const { printed } = await runs("compare", "aa11", "cc33");
    expect(printed.map((line) => line.trim().split(/\s{2,}/))).to.deep.equal([
      ["aa11", "cc33"],
      ["config", "optimizer.lr", "0.1", "0.01"],
      ["environment", "git.commit", "aa11", "cc33"],
      ["summary", "score", "0.5", "NaN"],
      ["metrics", "loss", "0.5", "NaN"],
    ]);
    expect((await runs("compare", "aa11", "cc33", "--all")).printed.join("\n")).to.match(
      /seed +1 +1/,
    );
    expect((await runs("compare", "aa11", "aa11")).printed).to.deep.equal([
      "They differ in nothing that was recorded",
    ]);
  });

  it("export writes a row for each run", async () => {
    const { printed } = await runs(
      "export",
      "csv",
      "seed = 1",
      "--columns",
      "key,config.optimizer.lr,tags",
    );
    expect(printed).to.deep.equal(["key,config.optimizer.lr,tags", "aa11,0.1,", 'cc33,0.01,"a,b"']);
    const all = JSON.parse((await runs("export", "json")).printed.join("\n"));
    expect(all[0]).to.include({
      key: "aa11",
      "config.seed": 1,
      "metrics.loss": 0.5,
      "summary.score": 0.5,
    });
  });

  it("export writes all that was logged", async () => {
    const file = folder.path("history.csv");
    const history = ["--metrics", "history", "--output", file];
    expect((await runs("export", "csv", "seed = 2", ...history)).printed).to.deep.equal([
      `Wrote 1 run to ${file}`,
    ]);
    expect(readFileSync(file, "utf8")).to.equal(
      "run,metric,step,epoch,time,value\nab22,loss,1,0.1,1767225660,4\nab22,loss,2,0.2,1767225720,0.75\n",
    );
  });

  it("export writes Parquet, to a file alone", async () => {
    const file = folder.path("runs.parquet");
    await runs(
      "export",
      "parquet",
      "--output",
      file,
      "--columns",
      "key,seed,starred,config.optimizer.lr,tags",
    );
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
    expect(rows[2]).to.deep.equal({
      ...{ key: "cc33", seed: 1, starred: false, "config.optimizer.lr": 0.01, tags: "a,b" },
    });
    expect(rows[0]).to.include({ key: "aa11", tags: null });
    const { warned, exitCode } = await runs("export", "parquet");
    expect([exitCode, warned.join()]).to.deep.equal([
      2,
      "Cannot export runs: a Parquet file needs a name; give --output FILE",
    ]);
  });

  it("export says when it is given a folder, and leaves nothing in it or beside it", async () => {
    folder.write({ "exported/out/kept.txt": "" });
    for (const format of ["parquet", "csv"]) {
      const { warned, exitCode } = await runs(
        "export",
        format,
        "--output",
        folder.path("exported/out"),
      );
      expect(exitCode).to.equal(2);
      expect(warned.join()).to.match(/^Cannot export runs to .*out: expected a file's name, got a/);
    }
    const left = readdirSync(folder.path("exported"), { encoding: "utf8", recursive: true });
    expect(left.toSorted()).to.deep.equal(["out", "out/kept.txt"]);
  });

  it("query asks in SQL", async () => {
    const sql = (text: string, ...more: string[]): Promise<ProgramResult> =>
      runs("query", text, ...more);
    expect(
      (
        await sql(
          'SELECT "config.optimizer.lr" AS lr, count(*) AS n FROM runs GROUP BY lr ORDER BY lr',
        )
      ).printed,
    ).to.deep.equal(["  lr  n", "0.01  1", " 0.1  2"]);
    expect(
      (
        await sql(
          "SELECT run, min(value) AS best FROM metrics WHERE NOT isnan(value) GROUP BY run ORDER BY run",
          "--format=csv",
        )
      ).printed,
    ).to.deep.equal(["run,best", "aa11,0.5", "ab22,0.75", "cc33,4"]);
    expect(
      (
        await sql(
          "SELECT value, number FROM config WHERE key = 'seed' AND run = 'ab22'",
          "--format=json",
        )
      ).printed,
    ).to.deep.equal(["[", '  {"value":"2","number":2}', "]"]);
    const { warned, exitCode } = await sql("SELECT nothing FROM runs");
    expect(exitCode).to.equal(2);
    expect(warned.join()).to.match(/^Cannot query runs: Binder Error: .*"nothing"/);
  });
});
