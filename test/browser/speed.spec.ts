import { linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { expect } from "chai";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";

import { dashboardPage } from "../../framework/dashboard/server/createDashboard.ts";
import { bundlePage } from "../../framework/web/server/bundlePage.ts";
import { browserPages, type OpenPage } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

const kilobyte = 1000;
const readMs = 240_000;

describe("the page's bundle", () => {
  it("is at most 500 kB, compressed", async () => {
    const { html, files } = await bundlePage(dashboardPage);
    const sizes = [...files.values()].map(({ content }) => gzipSync(content).length);
    const size = sizes.reduce((sum, part) => sum + part, gzipSync(html).length);
    console.log(`      ${Math.round(size / kilobyte)} kB`);
    expect(size).to.be.lessThan(500 * kilobyte);
  });
});

/** Milliseconds from the start of the navigation until an element stands in the page. */
async function paintMs({ page }: OpenPage, selector: string): Promise<number> {
  await page.locator(selector).first().waitFor({ timeout: readMs });
  return page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now()))),
  );
}

for (const count of [1000, 10_000]) {
  describe(`the run table of ${count} runs`, () => {
    const runs = dashboardOver((folder) => generateRuns({ folder, count, points: 3 }));
    const open = browserPages();

    it("is painted soon, and scrolls", async () => {
      await (await open(runs.url("/sweeps"))).close();
      const opened = await open(runs.url("/runs"));
      const elapsedMs = await paintMs(opened, '[data-row="5"] a');
      console.log(`      first paint of the rows: ${Math.round(elapsedMs)} ms`);
      expect(elapsedMs).to.be.lessThan(10_000);
      const { page, problems, close } = opened;
      await page.locator(".run-table").evaluate((table) => (table.scrollTop = table.scrollHeight));
      await page.locator(`[data-row="${count - 1}"] a`).waitFor();
      expect(await page.locator(".run-row").count()).to.be.lessThan(80);
      expect(problems).to.deep.equal([]);
      await close();
    });
  });
}

const curves = 50;
/** The page gets as many of 10,000 as of 100,000, which take a minute to be read the first time. */
const points = Number(process.env["SEEDBED_POINTS"] ?? 10_000);

/** One run's curve under fifty names: files are shared, so that they fit on any disk. */
async function longRuns(folder: string): Promise<void> {
  await generateRuns({ folder, count: curves, points: 1 });
  const source = path.join(folder, "source");
  await generateRuns({ folder: source, count: 1, points });
  const long = path.join(source, "tuning", "r0000000", "metrics.jsonl");
  for (const id of readdirSync(path.join(folder, "tuning"))) {
    const file = path.join(folder, "tuning", id, "metrics.jsonl");
    if (!id.startsWith("r")) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    rmSync(file);
    linkSync(long, file);
  }
  rmSync(source, { recursive: true });
}

/** Frames per second while the chart is dragged with shift held. */
async function panFrames(page: Page): Promise<number> {
  const box = (await page.locator('section[aria-label="train/loss"] .u-over').boundingBox())!;
  await page.evaluate(`window.frames = 0; window.panning = true;
    (function count() { window.frames++; if (window.panning) requestAnimationFrame(count); })();`);
  await page.keyboard.down("Shift");
  await page.mouse.move(box.x + box.width / 2, box.y + 50);
  await page.mouse.down();
  const start = performance.now();
  for (let i = 0; i < 60; i++) await page.mouse.move(box.x + box.width / 2 - 3 * i, box.y + 50);
  const seconds = (performance.now() - start) / 1000;
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const frames: number = await page.evaluate("window.panning = false, window.frames");
  return frames / seconds;
}

describe(`a chart of ${curves} runs with ${points} points each`, () => {
  const runs = dashboardOver(longRuns);
  const open = browserPages();

  it("is drawn, and moves", async function () {
    this.timeout(2 * readMs);
    const runKeys = Array.from({ length: curves }, (_, i) => `r${i.toString(36).padStart(7, "0")}`);
    const address = `/charts?metrics=train/loss&runs=${runKeys.join(",")}`;
    const drawn = '.plot[aria-label="train/loss: 50 curves"] canvas';
    const first = await open(runs.url(address), { viewport: { width: 1440, height: 900 } });
    console.log(`      first, files read: ${Math.round(await paintMs(first, drawn))} ms`);
    await first.close();
    const again = await open(runs.url(address));
    console.log(`      again, page and all: ${Math.round(await paintMs(again, drawn))} ms`);
    const { page, problems, close } = again;
    const answered = page.waitForResponse((response) => response.url().endsWith("/api/series"));
    const start = performance.now();
    await page.evaluate(() => (location.hash += "&from=20000&to=60000"));
    await answered;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    console.log(`      zoomed, with new points: ${Math.round(performance.now() - start)} ms`);
    const rate = await panFrames(page);
    console.log(`      pan: ${Math.round(rate)} frames/s`);
    await page.waitForFunction(() => !location.hash.includes("from=20000&"));
    expect(rate).to.be.greaterThan(1);
    expect(problems).to.deep.equal([]);
    await close();
  });
});
