import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

describe("charts", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 40, points: 200 }));
  const open = browserPages();
  const drawn = async (page: Page): Promise<void> =>
    page.locator('section[aria-label="train/loss"] canvas').waitFor();
  const area = async (page: Page) =>
    (await page.locator('section[aria-label="train/loss"] .u-over').boundingBox())!;

  it("zoom together, and ask for the points of the shown range", async () => {
    const { page, problems, close } = await open(runs.url("/charts"));
    await drawn(page);
    const box = await area(page);
    const asked = page.waitForRequest(
      (request) =>
        request.url().endsWith("/api/series") && !/"from":null/.test(request.postData() ?? ""),
    );
    await page.mouse.move(box.x + box.width / 4, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 60, { steps: 4 });
    await page.mouse.up();
    const { from, to } = (await asked).postDataJSON();
    expect(from).to.be.closeTo(500, 30);
    expect(to).to.be.closeTo(1000, 30);
    await page.mouse.dblclick(box.x + 50, box.y + 50);
    await page.waitForFunction(() => !location.hash.includes("from="));
    expect(problems).to.deep.equal([]);
    await close();
  });

  it("tell the values at the pointer", async () => {
    const { page, close } = await open(runs.url("/charts?filter=seed=0"));
    await drawn(page);
    const box = await area(page);
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    const tip = page.locator(".chart-tip");
    await tip.waitFor();
    expect(await tip.locator(".chart-tip-x").textContent()).to.match(/^(99|100|101)\d$/);
    expect(await tip.locator(".chart-tip-line").count()).to.equal(8);
    await close();
  });

  it("mark where a value was NaN", async () => {
    const { page, close } = await open(runs.url("/charts?runs=r0000013"));
    await drawn(page);
    const box = await area(page);
    await page.mouse.move(box.x + box.width * 0.52, box.y + box.height - 10);
    await page.locator(".chart-tip").waitFor();
    await page.mouse.move(box.x + box.width * 0.5028, box.y + box.height - 10, { steps: 5 });
    await page.locator(".chart-tip-value", { hasText: "NaN" }).waitFor();
    await close();
  });

  it("save what they show", async () => {
    const { page, close } = await open(runs.url("/charts?runs=r0000000,r0000003&smooth=0.9"));
    await drawn(page);
    for (const [format, start] of [
      ["PNG", "\u0089PNG"],
      ["SVG", "<svg"],
      ["CSV", "run,x,train/loss,smoothed"],
    ] as const) {
      await page.getByRole("button", { name: "Menu of train/loss" }).click();
      const saved = page.waitForEvent("download");
      await page.getByRole("button", { name: `Save as ${format}` }).click();
      const content = readFileSync(await (await saved).path(), "latin1");
      expect(content.slice(0, start.length), format).to.equal(start);
    }
    await close();
  });

  it("hide a curve, smooth and change the axes, all in the address", async () => {
    const { page, close } = await open(runs.url("/charts?runs=r0000000,r0000003"));
    await drawn(page);
    await page.getByRole("button", { name: "Hide tuning/r0000003" }).click();
    await page.getByRole("button", { name: "log y" }).click();
    await page.getByRole("slider", { name: "smooth" }).fill("0.6");
    await page.getByRole("combobox", { name: "x axis" }).selectOption("relativeTime");
    await page.waitForFunction(() =>
      ["hidden=r0000003", "logy=1", "smooth=0.6", "x=relativeTime"].every((part) =>
        location.hash.includes(part),
      ),
    );
    await page.locator('.plot[aria-label="train/loss: 1 curves"]').waitFor();
    await close();
  });

  it("are smoothed in the kind that was chosen before the weight", async () => {
    const { page, close } = await open(runs.url("/charts?runs=r0000000,r0000003"));
    await page.getByLabel("Kind of smoothing").selectOption("timeWeighted");
    await page.getByRole("slider", { name: "smooth" }).fill("0.6");
    await page.waitForFunction(() => location.hash.endsWith("smooth=0.6t"));
    await page.getByRole("slider", { name: "smooth" }).fill("0");
    await page.waitForFunction(() => !location.hash.includes("smooth"));
    expect(await page.getByLabel("Kind of smoothing").inputValue()).to.equal("timeWeighted");
    await close();
  });
});
