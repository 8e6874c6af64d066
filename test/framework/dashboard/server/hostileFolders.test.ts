import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { runFiles } from "../../../fuzz/seedRun.ts";
import { dashboards } from "../../../support/dashboard.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const secret = "a text of another folder";
const image = `${"a".repeat(32)}.png`;

/** What the page asks of a run. */
const addresses = (run: string): string[] => [
  `/api/runs/${run}`,
  `/api/runs/${run}/console`,
  `/api/runs/${run}/media?kind=images&key=s`,
  `/api/runs/${run}/media?kind=text&key=x`,
  `/api/runs/${run}/histograms?key=h`,
  `/api/runs/${run}/files/${image}`,
  `/api/compare?runs=${run}`,
  `/api/report?runs=${run}`,
  "/api/columns",
  "/api/info",
];

describe("folders of runs that somebody else has made", () => {
  const folder = temporaryFolder();
  const open = dashboards();

  /** A run of which one file is something else. */
  function write(name: string, replace: (file: string) => void): void {
    rmSync(folder.path("runs"), { recursive: true, force: true });
    for (const [each, text] of Object.entries(runFiles)) {
      const withId = text.replace('"id":"run"', '"id":"hostile"');
      folder.write({ [`runs/toy/hostile/${each}`]: withId });
    }
    const file = folder.path("runs/toy/hostile", name);
    rmSync(file, { force: true });
    mkdirSync(path.dirname(file), { recursive: true });
    replace(file);
  }

  async function answers(): Promise<string> {
    const dashboard = await open(folder.path("runs"));
    const texts: string[] = [];
    for (const url of addresses("hostile")) {
      const { status, bytes } = await dashboard.get(url);
      expect(status, url).to.be.oneOf([200, 400, 403, 404]);
      texts.push(bytes.toString("latin1"));
    }
    expect(dashboard.warned).to.deep.equal([]);
    return texts.join("\n");
  }

  const readable = ["spec.yaml", "git.patch", "notes.json", "metrics.jsonl", "console.jsonl"];
  for (const name of [...readable, "manifest.json", "system.jsonl", "media/a.png"]) {
    it(`do not show what ${name} leads to by a link`, async () => {
      folder.write({ "elsewhere/secret": secret });
      write(name, (file) => symlinkSync(folder.path("elsewhere/secret"), file));
      expect(await answers()).not.to.include(secret);
    });

    it(`do not make the server wait for a pipe called ${name}, nor read a device`, async () => {
      write(name, (file) => execFileSync("mkfifo", [file]));
      await answers();
      write(name, (file) => symlinkSync("/dev/zero", file));
      await answers();
    });
  }

  it("are shown as damaged where the manifest lists what is no process", async () => {
    const manifest = runFiles["manifest.json"]!.replace('"resumes":[]', '"resumes":[null]');
    write("manifest.json", (file) => writeFileSync(file, manifest));
    expect(await answers()).to.include("manifest.json is damaged");
  });

  it("do not lead out of the folder by the name of a picture, a run, or an address", async () => {
    folder.write({ "secret.png": secret });
    for (const place of [
      "../../secret.png",
      folder.path("secret.png"),
      "media/../../../../secret.png",
    ]) {
      write("metrics.jsonl", (file) =>
        writeFileSync(file, runFiles["metrics.jsonl"]!.replace("media/a.png", place)),
      );
      expect(await answers(), place).not.to.include(secret);
    }
    const dashboard = await open(folder.path("runs"));
    const tries = [
      "/assets/../../secret.png",
      "/assets/..%2f..%2fsecret.png",
      "/%2e%2e/secret.png",
    ];
    const runs = ["..", "%2e%2e%2f", "toy/hostile", "__proto__", "constructor"].map(
      (run) => `/api/runs/${run}`,
    );
    const files = ["../manifest.json", "..%2fmanifest.json", "a.png"].map(
      (file) => `/api/runs/hostile/files/${file}`,
    );
    for (const url of [...tries, ...runs, ...files]) {
      const { status, bytes } = await dashboard.get(url);
      expect(status, url).to.be.within(400, 404);
      expect(bytes.toString("latin1"), url).not.to.include(secret);
    }
  });

  it("of TensorBoard and W&B do not make the server wait for a pipe", async () => {
    for (const name of ["events.out.tfevents.1.host.1", "run-abc.wandb"]) {
      folder.write({ "runs/other/keep": "" });
      rmSync(folder.path("runs"), { recursive: true });
      mkdirSync(folder.path("runs/other"), { recursive: true });
      execFileSync("mkfifo", [folder.path("runs/other", name)]);
      const dashboard = await open(folder.path("runs"));
      expect((await dashboard.get("/api/info")).status).to.equal(200);
    }
  });

  it("that lead to a folder above are looked at once", async () => {
    write("keep", (file) => writeFileSync(file, ""));
    symlinkSync("..", folder.path("runs/toy/loop"));
    const dashboard = await open(folder.path("runs"));
    expect(dashboard.index.runs()).to.have.length(1);
  });
});
