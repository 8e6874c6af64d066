import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { ConsoleLog } from "../../../framework/tracking/consoleLog.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import { gitPatch } from "../../../framework/tracking/gitPatch.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import { openRun } from "../../../framework/tracking/openRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Each where somebody may have put it; none may be in a file of the run. */
const secrets = {
  MY_API_KEY: "key-from-the-environment",
  DB_PASSWORD: 'with "quotes" & signs',
  HF_TOKEN: "hf_0123456789abcdefghijklmnopqrstuvwxyz",
};
const inSpec = "hf_abcdefghijklmnopqrstuvwxyz0123456789";
const inAddress = "hunter2hunter2";

describe("a run's folder", () => {
  const folder = temporaryFolder();

  /** All that is written below a folder, byte by byte. */
  function contents(below: string): [file: string, text: string][] {
    const names = readdirSync(below, { recursive: true, encoding: "utf8" });
    const files = names
      .map((name) => path.join(below, name))
      .filter((name) => statSync(name).isFile());
    return files.map((file) => [path.relative(below, file), readFileSync(file, "latin1")]);
  }

  it("holds no secret of the environment, spec, command, console, or an error's text", async () => {
    Object.assign(process.env, secrets);
    try {
      const spec = {
        ...{ name: "toy", seed: 1, data: { url: `https://me:${inAddress}@example.org/x` } },
        tracker: { apiKey: "short-key-1", notes: [`use ${inSpec}`, secrets.MY_API_KEY] },
      };
      const run = createRun({
        ...{ root: folder.path("runs"), name: "toy", seed: 1, spec },
        specYaml: `name: toy\ndata: { url: "${spec.data.url}" }\ntracker:\n  apiKey: short-key-1\n  notes: [${inSpec}, ${secrets.MY_API_KEY}]\n`,
        command: ["seedbed", "run", `data.url=${spec.data.url}`, "--api-key", "short-key-2"],
      });
      const chosen = { csv: true, mlflow: { folder: folder.path("mlruns") } };
      await openLoggers(run, { parameters: spec, environment: { ...secrets }, ...chosen });
      await run.logMetrics({ loss: 1 }, { step: 1, epoch: 0, wallTimeSeconds: 1 });
      const printed = new ConsoleLog({ folder: run.folder, environment: { ...secrets } });
      const error = new Error(`Cannot fetch ${spec.data.url}?token=${secrets.HF_TOKEN}: 401`);
      printed.write(
        "stderr",
        `${error.stack}\n${JSON.stringify(secrets)}\nAuthorization: Bearer ${inSpec}\n`,
      );
      printed.close();
      await run.finish("failed", { reason: error.message });
      const again = openRun(run.folder, {
        command: ["seedbed", "resume", "--password", "short-key-2"],
      });
      await again.finish("finished");
      const hidden = [...Object.values(secrets), inSpec, inAddress, "short-key-1", "short-key-2"];
      const written = [...contents(folder.path("runs")), ...contents(folder.path("mlruns"))];
      expect(written.map(([file]) => path.extname(file))).to.include.members([
        ".json",
        ".csv",
        ".wandb",
      ]);
      for (const [file, text] of written) {
        const found = hidden.filter((secret) => text.includes(secret));
        expect(found, file).to.deep.equal([]);
        if (file.endsWith(".json")) expect(() => JSON.parse(text), file).not.to.throw();
      }
    } finally {
      for (const name of Object.keys(secrets)) delete process.env[name];
    }
  });

  it("holds no password of a file that git has not seen committed", () => {
    const git = (...words: string[]): void =>
      void execFileSync("git", [
        "-C",
        folder.path(),
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        ...words,
      ]);
    folder.write({ "a.yaml": "a: 1\n" });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "a");
    folder.write({
      "a.yaml": `a: 1\nremote: https://me:${inAddress}@example.org\nkey: ${inSpec}\n`,
    });
    const patch = gitPatch(folder.path(), { environment: {} });
    expect(patch).to.include("+remote: https://[redacted]@example.org");
    expect(patch).not.to.include(inSpec);
  });
});
