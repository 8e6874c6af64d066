import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

describe("the run table", () => {
  const runs = dashboardOver((folder) =>
    generateRuns({ folder, count: 90, extraMetrics: 300, points: 10 }),
  );
  const open = browserPages();

  it("filters as one types, and points at what is wrong", async () => {
    const { page, close } = await open(runs.url());
    const filter = page.getByRole("combobox", { name: "Filter of runs" });
    await filter.fill('config.optimizer.name = "adam" and seed = 0');
    await page.getByText("10 runs", { exact: true }).waitFor();
    await filter.fill("seed = ?");
    await page.locator(".filter-error mark").waitFor();
    expect(await page.locator(".filter-error mark").textContent()).to.equal("?");
    expect(await filter.getAttribute("aria-invalid")).to.equal("true");
    await filter.fill("config.optimizer.learn");
    await page.getByRole("option", { name: "config.optimizer.learningRate" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await filter.inputValue()).to.equal("config.optimizer.learningRate");
    await close();
  });

  it("sorts by several columns", async () => {
    const { page, close } = await open(runs.url("/runs?columns=config.optimizer.name,seed,step"));
    await page.getByRole("button", { name: "name optimizer" }).click();
    await page.getByRole("button", { name: "Seed", exact: true }).click({ modifiers: ["Shift"] });
    await page.getByRole("button", { name: "Seed", exact: true }).click({ modifiers: ["Shift"] });
    await page.locator('[aria-sort="descending"]').waitFor();
    expect(page.url()).to.include("sort=config.optimizer.name,-seed");
    await page.waitForFunction(() =>
      document.querySelector('[data-row="0"]')?.textContent?.includes("adam2"),
    );
    await close();
  });

  it("groups by any setting with mean and spread, and opens a group", async () => {
    const { page, close } = await open(
      runs.url("/runs?group=config.optimizer.name&columns=metrics.train/loss:min"),
    );
    await page.getByText("3 groups of 90 runs").waitFor();
    const cell = page.locator('[data-row="0"] [role="gridcell"]').nth(1);
    expect(await cell.textContent()).to.match(/^[\d.]+ ± [\d.]+$/);
    expect(await cell.getAttribute("title")).to.match(/mean [\d.]+\ndeviation .*\n30 runs$/s);
    await page.getByRole("button", { name: /adam/ }).click();
    await page.locator('[data-row="30"] .member').waitFor({ state: "attached" });
    await close();
  });

  it("finds a column among hundreds, and shows any part of a metric", async () => {
    const { page, close } = await open(runs.url("/runs?columns=status"));
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("searchbox", { name: "Search Shown columns" }).fill("layers/217");
    await page.getByRole("checkbox", { name: "metrics.layers/217/norm" }).check();
    await page.keyboard.press("Escape");
    const head = page.getByRole("columnheader", { name: /layers\/217/ });
    await head.hover();
    await head.getByRole("button", { name: /^Column/ }).click();
    await page.getByRole("button", { name: "Minimum", exact: true }).click();
    await page.waitForFunction(() => location.hash.includes("layers/217/norm:min"));
    await head.hover();
    await head.getByRole("button", { name: /^Column/ }).click();
    await page.getByRole("spinbutton", { name: "At step" }).fill("50");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForFunction(() => location.hash.includes("layers/217/norm:at(50)"));
    await close();
  });

  it("keeps pinned runs on top of any order, in the address", async () => {
    const { page, close } = await open(runs.url("/runs?sort=startedAt&columns=step"));
    const firstName = page.locator('[data-row="0"] .name-cell a');
    const third = page.locator('[data-row="2"]');
    await third.getByRole("button", { name: /^Pin tuning\/r0000002/ }).click();
    await page.locator('[data-row="0"] .pin[aria-pressed="true"]').waitFor();
    expect(await firstName.textContent()).to.equal("tuning/r0000002");
    expect(page.url()).to.include("top=r0000002");
    await page.goto(runs.url("/runs?sort=-startedAt&columns=step&top=r0000002"));
    await page.locator('[data-row="0"]').getByText("tuning/r0000002").waitFor();
    await page.locator('[data-row="1"]').getByText("tuning/r000002h").waitFor();
    await page.locator('[data-row="0"]').focus();
    await page.keyboard.press("p");
    await page.locator('[data-row="0"]').getByText("tuning/r000002h").waitFor();
    await close();
  });

  it("stars, tags and names, in the runs' own folders", async () => {
    const { page, close } = await open(runs.url("/runs?sort=startedAt&columns=tags"));
    await page.getByRole("button", { name: /^Star tuning\/r0000000/ }).click();
    await page.locator('[data-row="0"] .starred').waitFor();
    await page.getByRole("checkbox", { name: /^Choose tuning\/r0000001/ }).check();
    await page.getByRole("region", { name: "Chosen runs" }).getByText("1 chosen").waitFor();
    await page.getByRole("button", { name: "Tag", exact: true }).click();
    await page.getByRole("textbox", { name: "Tag" }).fill("best");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator('[data-row="1"] .tag').waitFor({ state: "attached" });
    const notes = readFileSync(`${runs.folder()}/tuning/r0000001/notes.json`, "utf8");
    expect(JSON.parse(notes)).to.deep.include({ tags: ["best"] });
    await close();
  });

  it("saves what it shows as CSV", async () => {
    const { page, close } = await open(
      runs.url("/runs?columns=config.optimizer.name,seed&filter=seed=1&sort=startedAt"),
    );
    await page.getByText("30 runs", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Export" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const lines = readFileSync(await (await saved).path(), "utf8").split("\r\n");
    expect(lines.slice(0, 2)).to.deep.equal([
      "name,id,config.optimizer.name,seed",
      "tuning,r0000001,adam,1",
    ]);
    expect(lines).to.have.length(32);
    await close();
  });

  it("saves groups in the order in which it shows them", async () => {
    const { page, close } = await open(
      runs.url("/runs?group=config.optimizer.name&columns=metrics.train/loss"),
    );
    await page.getByText("3 groups of 90 runs").waitFor();
    const shown = await page.locator(".group-toggle .clip").allTextContents();
    await page.getByRole("button", { name: "Export" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const lines = readFileSync(await (await saved).path(), "utf8").split("\r\n");
    expect(lines.slice(1, 4).map((line) => line.split(",")[0])).to.deep.equal(shown);
    await close();
  });
});
