import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { QuietExit } from "../../../../framework/cli/quietExit.ts";
import { syncWandb, type SyncWandbOptions } from "../../../../framework/cli/uploading/syncWandb.ts";
import { runCommand } from "../../../support/runCommand.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { writeWandbFolder } from "../../../support/wandbFolder.ts";
import {
  startWandbServer,
  type WandbServer,
  type WandbServerMode,
} from "../../../support/wandbServer.ts";

const key = "0123456789abcdef0123456789abcdef01234567";

describe("syncWandb()", () => {
  const folder = temporaryFolder();
  let server: WandbServer | undefined;
  afterEach(() => server?.close());

  interface Result {
    exitCode: number;
    printed: string[];
    warned: string[];
    shown: string;
  }

  async function sync(
    mode: WandbServerMode,
    references: string[],
    options: Partial<SyncWandbOptions> = {},
  ): Promise<Result> {
    await server?.close();
    server = await startWandbServer(mode);
    const [printed, warned]: [string[], string[]] = [[], []];
    let shown = "";
    const terminal = {
      print: (line: string) => printed.push(line),
      warn: (line: string) => warned.push(line),
      progress: { write: (text: string) => (shown += text) },
    };
    const environment = { WANDB_API_KEY: key, WANDB_BASE_URL: server.url };
    const patience = { timeoutSeconds: 1, delaysSeconds: [0] };
    const runsFolder = folder.path("runs");
    const outcome = syncWandb({
      references,
      runsFolder,
      terminal,
      environment,
      patience,
      ...options,
    });
    const exitCode = await outcome.then(
      () => 0,
      (error: unknown) => (error instanceof QuietExit ? error.exitCode : Promise.reject(error)),
    );
    return { exitCode, printed, warned, shown };
  }

  it("uploads each folder of a run, and says where it is", async () => {
    const runs = [
      writeWandbFolder(folder.path()),
      writeWandbFolder(folder.path(), { steps: [4], startingStep: 4 }),
    ];
    const { exitCode, printed, warned, shown } = await sync("ok", [folder.path()]);
    const url = `${server!.url}/tester/tests/runs/a1b2c3d4`;
    expect(printed).to.deep.equal([
      `Uploaded ${runs[0]}: 3 rows, 5 files, ${url}`,
      `Uploaded ${runs[1]}: 1 rows, 5 files, ${url}`,
    ]);
    expect([exitCode, warned]).to.deep.equal([0, []]);
    expect(shown).to.include(`Uploading ${runs[0]}: 0 of 3 rows, 0 of 5 files`);
    expect(server!.rows().map(({ _step }) => _step)).to.deep.equal([1, 2, 3, 4]);
  });

  it("passes over what is there already, unless it is asked", async () => {
    const run = writeWandbFolder(folder.path());
    await sync("ok", [run]);
    const again = await sync("ok", [run]);
    expect(again.printed).to.deep.equal([
      `${run} is at W&B already; --include-synced uploads it again`,
    ]);
    expect(server!.requests).to.deep.equal([]);
    const included = await sync("ok", [run], { includeSynced: true });
    expect(included.printed[0]).to.match(/^Uploaded /);
    expect(server!.rows()).to.have.length(3);
  });

  it("only says what it would do in a dry run", async () => {
    const run = writeWandbFolder(folder.path());
    const { printed } = await sync("ok", [run], { dryRun: true, project: "other" });
    expect(printed).to.deep.equal([`Would upload ${run}: 3 rows, 2 files, to other/a1b2c3d4`]);
    expect(server!.requests).to.deep.equal([]);
  });

  it("takes project and entity in the place of the run's", async () => {
    await sync("ok", [writeWandbFolder(folder.path())], { project: "p2", entity: "e2" });
    expect(server!.upserts[0]).to.include({ project: "p2", entity: "e2" });
  });

  it("says how to go on when the server stays away, and tries no other run", async () => {
    const runs = ["a", "b"].map((name) => writeWandbFolder(folder.path(name)));
    const { exitCode, warned } = await sync("graphql500", runs);
    expect(exitCode).to.equal(1);
    expect(warned).to.deep.equal([
      "W&B: the server answered HTTP 500; trying again in 0 s",
      `Cannot upload ${runs[0]} to W&B: the server answered HTTP 500; what has arrived is noted, go on with: seedbed wandb sync ${runs[0]}`,
    ]);
  });

  it("uploads the others when one of them is refused or cannot be read", async () => {
    const [damaged, good] = ["a", "b"].map((name) => writeWandbFolder(folder.path(name)));
    writeFileSync(path.join(damaged!, "run-a1b2c3d4.wandb"), "damaged");
    const { exitCode, printed, warned } = await sync("ok", [damaged!, good!, folder.path("none")]);
    expect(exitCode).to.equal(2);
    expect(warned.map((line) => line.split(" ").slice(0, 2).join(" "))).to.deep.equal([
      "Cannot find",
      "Cannot read",
    ]);
    expect(printed).to.have.length(1);
    const refused = await sync("graphqlErrors", [good!], { includeSynced: true });
    expect([refused.exitCode, refused.warned[0]]).to.deep.equal([
      2,
      `Cannot upload to W&B: ${server!.url} answered: permission denied\nNot uploaded: ${good}`,
    ]);
  });

  it("stops at a key that the server does not take, and shows it nowhere", async () => {
    const runs = ["a", "b"].map((name) => writeWandbFolder(folder.path(name)));
    const { exitCode, warned } = await sync("graphql401", runs);
    expect(exitCode).to.equal(2);
    expect(warned).to.have.length(1);
    expect(warned[0]).to.include("refuses the key (HTTP 401)").and.not.include(key);
    const files = readdirSync(folder.path(), { recursive: true, withFileTypes: true });
    const texts = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)));
    expect(texts.some((text) => text.includes(key))).to.equal(false);
  });
});

describe("seedbed wandb sync", () => {
  const folder = temporaryFolder();

  it("uploads, and asks for a key where there is none", async () => {
    const run = writeWandbFolder(folder.path());
    const server = await startWandbServer("ok");
    const environment = { HOME: folder.path(), WANDB_BASE_URL: server.url, WANDB_API_KEY: "" };
    const without = await runCommand(["wandb", "sync", run], folder.path(), environment);
    expect(without.code).to.equal(2);
    expect(without.text).to.include("expected a key in WANDB_API_KEY");
    const withKey = { ...environment, WANDB_API_KEY: key };
    const { code, text } = await runCommand(["wandb", "sync", run], folder.path(), withKey);
    await server.close();
    expect([code, text.includes(`Uploaded ${run}: 3 rows`), text.includes(key)]).to.deep.equal([
      0,
      true,
      false,
    ]);
    expect(text).not.to.include("Warning");
  });
});
