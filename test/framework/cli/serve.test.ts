import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";
import { describe, it } from "mocha";

import { packageFolder } from "../../../framework/cli/places.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { listRuns } from "../../../framework/tracking/runStore.ts";
import { seedbed } from "../../support/cli.ts";
import { writeServedModel } from "../../support/servedModel.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const program = path.resolve("framework/cli/seedbed.js");

describe("seedbed serve", () => {
  const folder = temporaryFolder();
  const run = seedbed();

  it("serves models, lets an answer that is under way end, and ends after a signal", async () => {
    await writeServedModel(folder.path("small"));
    const models = [folder.path("small"), `other=${folder.path("small")}`];
    const logging = ["--log-dir", folder.path("runs"), "--responses", folder.path("kept")];
    const args = [program, "serve", ...models, "--port", "0", "--rows", "2", ...logging];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const { value: first } = await lines.next();
      expect(first).to.match(/^small, other at http:\/\/127\.0\.0\.1:\d+\/v1 \(ctrl-c ends it\)$/);
      const [address] = /http\S+/.exec(first)!;
      const messages = [{ role: "user", content: "Hi" }];
      const answer = fetch(`${address}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "other", messages, max_tokens: 200, stream: true }),
      });
      const { body } = await answer;
      child.kill("SIGTERM");
      const events = await new Response(body).text();
      expect(events.endsWith("data: [DONE]\n\n")).to.equal(true);
      expect(await once(child, "exit")).to.deep.equal([0, null]);
      const [run] = listRuns(folder.path("runs"));
      expect(run!.manifest).to.include({ name: "serve", status: "finished" });
      expect(run!.manifest.summary).to.include({ requests: 1 });
      expect(readMetrics(run!.folder)[0]!.metrics).to.include({ "answered/other": 1 });
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("makes keys, tells whom they are for, and takes them back", async () => {
    const file = folder.path("keys.json");
    const keys = (...args: string[]) => run(["serve", "keys", ...args, "--keys", file]);
    const limits = ["--requests-per-minute", "20", "--tokens-per-minute", "4000"];
    const { printed, exitCode } = await keys("add", "ada", ...limits);
    expect(exitCode).to.equal(0);
    expect(printed).to.have.length(2);
    expect(printed[0]).to.match(/^sk-[\w-]{43}$/);
    await keys("add", "bob");
    const list = await keys("list");
    expect(list.printed.join("\n")).to.match(/ada .* 20 requests, 4000 tokens\nbob .* all$/);
    expect(list.printed.join("\n")).to.not.include(printed[0]);
    expect((await keys("remove", "ada")).printed).to.deep.equal(["Removed the key of ada"]);
    expect((await keys("remove", "ada")).exitCode).to.equal(2);
    expect((await keys("list")).printed).to.have.length(2);
    expect((await keys("remove", "bob")).exitCode).to.equal(0);
    expect((await keys("list")).printed).to.deep.equal([`No keys in ${file}`]);
  });

  it("refuses what it cannot serve", async () => {
    const place = folder.path("none");
    const prices = path.join(packageFolder, "configs/serve/prices.yaml");
    for (const [args, problem] of [
      [[place], `Cannot read model ${place}: no such folder`],
      [["a=x", "a=y"], "Cannot serve two models named a: name one of them, as in other=y"],
      [["--auto", "rules"], "Cannot serve models with --auto: expected --prices too, got none"],
      [
        ["other=x", "--prices", prices],
        `Cannot serve other with prices of ${prices}: expected its price, got those of nano, full; add it, or name the model as in nano=FOLDER`,
      ],
      [
        ["nano=x", "--prices", prices, "--auto", "best"],
        "Cannot route requests by --auto best: There is no router `best`; known: cascade, rules",
      ],
      [
        ["nano=x", "--prices", prices, "--auto", "rules-2"],
        'Cannot route requests by --auto rules-2: Expected a threshold from 0 to 1 in `router-rules-2`, got "2".',
      ],
      [["nano=x", "--prices", prices, "--router", place], /^Cannot read router .*none: ENOENT/],
      [["nano=x", "--prices", prices, "--budget", "1"], /such as 0\.50\/day, got "1"$/],
      [["nano=x", "--prices", "none.yaml"], /^Cannot read spec none\.yaml at \/: no such file/],
      [["--keys", place], /^Cannot ask for the keys of .*: no such file; make one with/],
      [["--host", "0.0.0.0"], /^Cannot serve models on 0\.0\.0\.0: expected an address of this/],
    ] as const) {
      const { exitCode, warned } = await run(["serve", ...args]);
      expect(exitCode).to.equal(2);
      expect(warned).to.have.length(1);
      if (typeof problem === "string") expect(warned[0]).to.equal(problem);
      else expect(warned[0]).to.match(problem);
    }
  });
});
