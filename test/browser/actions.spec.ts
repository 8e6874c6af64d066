import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

const actions = { token: "right", program: [process.execPath, "-e", ""], directory: process.cwd() };

describe("actions of the page", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 3 }), actions);
  const open = browserPages();

  it("ask for the token, again when it is wrong, and delete to the trash", async () => {
    const { page, close } = await open(runs.url("/run/r0000001"));
    await page.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Token/).fill("wrong");
    await dialog.getByRole("button", { name: "Use it" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("expected the token").waitFor();
    await dialog.getByLabel(/^Token/).fill("right");
    await dialog.getByRole("button", { name: "Use it" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("2 runs", { exact: true }).waitFor();
    expect(existsSync(path.join(runs.folder(), "tuning", "r0000001"))).to.equal(false);
    await close();
  });

  it("start a spec of the project with overrides", async () => {
    const { page, close } = await open(runs.url());
    await page.getByRole("button", { name: "Start", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Token/).fill("right");
    await dialog.getByRole("button", { name: "Use it" }).click();
    await dialog.getByLabel("Spec or sweep").selectOption("configs/dreambooth.yaml");
    await dialog.getByLabel("Overrides").fill("seed=3 trainer.maxSteps=10");
    const asked = page.waitForRequest((request) => request.url().endsWith("/api/actions/start"));
    await dialog.getByRole("button", { name: "Start" }).click();
    expect((await asked).postDataJSON()).to.deep.equal({
      file: "configs/dreambooth.yaml",
      overrides: ["seed=3", "trainer.maxSteps=10"],
    });
    await page.waitForFunction(() => !document.querySelector("dialog"));
    await close();
  });
});

const program = [process.execPath, path.resolve("framework/cli/seedbed.js")];
const directory = path.resolve("test/fixtures/cli");
/** Takes some seconds, so that it can be stopped on its way. */
const slowSpec = `
name: slow
experiment: leastSquares
trainer: { backend: cpu, maxSteps: 200, logEveryNSteps: 5, threads: 1 }
data: { delayMs: 25 }
optimizer: { name: adam, learningRate: 0.05 }
loggers: { tensorBoard: false, wandb: false }
`;

describe("a run under way", () => {
  const runs = dashboardOver(
    async (folder) => writeFileSync(path.join(folder, "slow.yaml"), slowSpec),
    { token: "right", program, directory },
  );
  const open = browserPages();

  it("is stopped, and goes on from where it was", async () => {
    const words = ["run", path.join(runs.folder(), "slow.yaml"), "--runs", runs.folder()];
    const run = spawn(process.execPath, [...program.slice(1), ...words], {
      cwd: directory,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => run.on("exit", resolve));
    const { page, problems, close } = await open(runs.url("/runs?columns=status,step"));
    await page.locator('[data-row="0"] .status-running').waitFor();
    await page.getByRole("link", { name: /^slow/ }).click();
    const act = async (name: string): Promise<void> => {
      await page.getByRole("button", { name: "Actions" }).click();
      await page.getByRole("button", { name: `${name}…` }).click();
    };
    const dialog = page.getByRole("dialog");
    await page.getByRole("row", { name: /^train\/loss/ }).waitFor();
    await act("Stop");
    await dialog.getByLabel(/^Token/).fill("right");
    await dialog.getByRole("button", { name: "Use it" }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await page.getByText("was asked to save its work and end").waitFor();
    await page.locator(".page-head .status-interrupted").waitFor();
    await ended;
    const folder = path.join(runs.folder(), "slow", /run\/(\w+)$/.exec(page.url())![1]!);
    const before = readMetrics(folder);
    expect(before.at(-1)?.step).to.be.within(5, 195);
    await act("Resume");
    await dialog.getByRole("button", { name: "Resume" }).click();
    await page.locator(".page-head .status-running").waitFor();
    await page.locator(".page-head .status-finished").waitFor();
    const after = readMetrics(folder);
    expect(after.slice(0, before.length)).to.deep.equal(before);
    expect(after.at(-1)?.step).to.equal(200);
    expect(problems).to.deep.equal([]);
    await close();
  });
});
