import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { formatRecord } from "../../framework/tracking/metricsFile.ts";
import { lockRun } from "../../framework/tracking/runLock.ts";
import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

describe("a page that stays open", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 4, withMedia: 1 }));
  const open = browserPages();
  const log = (step: number, loss: number): void => {
    const record = { step, epoch: 1, wallTimeSeconds: 2e9, metrics: { "train/loss": loss } };
    const file = path.join(runs.folder(), "tuning", "r0000001", "metrics.jsonl");
    appendFileSync(file, formatRecord({ kind: "metrics", ...record }));
  };

  it("shows in the table what a run writes", async () => {
    const { page, close } = await open(
      runs.url("/runs?sort=startedAt&columns=step,metrics.train/loss"),
    );
    await page.locator('[data-row="1"]').getByText("200", { exact: true }).waitFor();
    const start = performance.now();
    log(210, 0.125);
    await page.locator('[data-row="1"]').getByText("0.125", { exact: true }).waitFor();
    const elapsedMs = performance.now() - start;
    console.log(`      a value reached the table in ${Math.round(elapsedMs)} ms`);
    expect(elapsedMs).to.be.lessThan(5000);
    await close();
  });

  it("draws new points of a chart", async () => {
    const { page, close } = await open(runs.url("/charts?runs=r0000001"));
    await page.locator('section[aria-label="train/loss"] canvas').waitFor();
    const answered = page.waitForResponse(async (response) => {
      if (!response.url().endsWith("/api/series")) return false;
      return (await response.text()).includes("220");
    });
    log(220, 0.25);
    await answered;
    await close();
  });

  it("follows the console", async () => {
    const folder = path.join(runs.folder(), "tuning", "r0000000");
    const manifest = path.join(folder, "manifest.json");
    const running = {
      status: "running",
      heartbeatAt: new Date().toISOString(),
      endedAt: undefined,
    };
    const before = JSON.parse(readFileSync(manifest, "utf8"));
    const unlock = lockRun(folder, manifest);
    writeFileSync(manifest, JSON.stringify({ ...before, ...running }));
    const { page, close } = await open(runs.url("/run/r0000000/console"));
    await page.locator(".status-running").waitFor();
    await page.getByText("3000 lines").waitFor();
    const line = { time: 2e9, stream: "stdout", text: "a line of now" };
    appendFileSync(path.join(folder, "console.jsonl"), `${JSON.stringify(line)}\n`);
    await page.getByText("a line of now").waitFor();
    await page.getByRole("searchbox", { name: "Search the console" }).fill("warning <b>99</b>");
    await page.locator(".console-line").first().getByText("warning <b>99</b>").waitFor();
    expect(await page.locator(".console-line").count()).to.equal(1);
    unlock();
    await close();
  });

  it("keeps what it has read of a run whose folder goes away", async () => {
    const { page, close } = await open(runs.url("/run/r0000003"));
    await page.getByText("seedbed sweep").waitFor();
    rmSync(path.join(runs.folder(), "tuning", "r0000003"), { recursive: true });
    await page.getByText("The folder of this run is gone").waitFor();
    await page.getByText("seedbed sweep").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByText("3 runs", { exact: true }).waitFor();
    await close();
  });
});
