import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import sharp from "sharp";

import { cliFolder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const model = path.resolve(import.meta.dirname, "../../fixtures/stable-diffusion/tiny-sd-a");
const program = path.resolve(import.meta.dirname, "../../../framework/cli/seedbed.js");

interface Ended {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs the installed command in a process of its own. */
function start(
  args: string[],
  cwd: string,
  onOutput: (kill: (signal: NodeJS.Signals) => void, output: string) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { cwd });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    onOutput((signal) => child.kill(signal), output);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}

describe("the command seedbed", () => {
  const folder = temporaryFolder();

  it("works from a directory that has nothing of ours", async () => {
    const { code, output } = await start(["runs"], folder.path());
    expect([code, output]).to.deep.equal([0, "There are no runs in runs\n"]);
  });

  it("saves a checkpoint and ends with 130 after SIGINT", async () => {
    folder.write({
      "line.yaml": `experiment: leastSquares
trainer: {backend: cpu, maxSteps: 100000}
data: {delayMs: 2}
callbacks: []
loggers: {tensorBoard: false, wandb: false}
`,
    });
    let sent = false;
    const args = ["run", folder.path("line.yaml"), "--runs", folder.path("runs")];
    const { code, errors } = await start(args, cliFolder, (kill) => {
      if (!sent) setTimeout(() => kill("SIGINT"), 300);
      sent = true;
    });
    const [id = ""] = readdirSync(folder.path("runs", "line"));
    const runFolder = folder.path("runs", "line", id);
    expect([code, errors]).to.deep.equal([
      130,
      `\nSIGINT: stopping after the running step; send it again to stop at once
Interrupted: ${runFolder}
Continue with: seedbed resume ${runFolder}
`,
    ]);
    const manifest: unknown = JSON.parse(readFileSync(`${runFolder}/manifest.json`, "utf8"));
    expect(manifest).to.have.property("status", "interrupted");
    expect(readdirSync(`${runFolder}/checkpoints`)).to.include("last.json");
  });

  it("leaves whole pictures alone when sampling ends with 130 after SIGINT", async () => {
    const out = folder.path("out");
    const options = ["--steps", "20", "--count", "500", "--out", out];
    let sent = false;
    const args = ["sample", model, "a cat", ...options];
    const { code, output, errors } = await start(args, folder.path(), (kill) => {
      if (!sent) kill("SIGINT");
      sent = true;
    });
    const files = readdirSync(out);
    expect(code).to.equal(130);
    expect(files).to.deep.equal(
      output
        .trim()
        .split("\n")
        .map((file) => path.basename(file)),
    );
    expect(files.length).to.be.within(1, 499);
    expect(errors).to.include(`Interrupted: ${files.length} of 500 pictures are in ${out}`);
    for (const file of files) await sharp(path.join(out, file), { failOn: "warning" }).stats();
  });
}).timeout(180_000); // whole programs, on a machine that may be training
