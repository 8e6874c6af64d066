import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

describe("the dashboard's views", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 24, withMedia: 2 }));
  const open = browserPages();
  const first = "r0000000";

  for (const [address, text] of [
    ["/runs", "24 runs"],
    ["/runs?group=config.optimizer.name", "3 groups of 24 runs"],
    ["/charts", "First 10 of the table"],
    ["/charts?group=config.model.width&band=minMax", "band"],
    [`/run/${first}`, "seedbed sweep sweeps/tuning.yaml"],
    [`/run/${first}/charts`, "train/loss"],
    [`/run/${first}/media`, "sample 0 <i>at 500</i>"],
    [`/run/${first}/histograms`, "Ridges"],
    [`/run/${first}/console`, "warning <b>2999</b>: the loss rises"],
    [`/run/${first}/system`, "memory.percent"],
    [`/run/${first}/config`, "learningRate:"],
    [`/run/${first}/git`, "+const rate = 0.01;"],
    [`/run/${first}/lineage`, "No artifact leads to or from this run"],
    [`/compare?runs=${first},r0000003`, "Compare 2 runs"],
    [`/compare/charts?runs=${first},r0000003`, "train/loss"],
    [`/compare/media?runs=${first},r0000001`, "step 500 of 500"],
    ["/compare", "No runs are chosen to compare"],
    ["/sweeps", "24 runs: 24 finished"],
    ["/nowhere", "There is no view"],
    ["/run/none", "All runs"],
  ] as const) {
    it(`shows ${address}`, async () => {
      const { page, problems, close } = await open(runs.url(address));
      await page.locator("main").getByText(text).filter({ visible: true }).first().waitFor();
      expect(problems.filter((problem) => !problem.includes("404"))).to.deep.equal([]);
      await close();
    });
  }

  it("draws what a sweep has found", async () => {
    const { page, problems, close } = await open(runs.url("/sweeps"));
    await page.getByRole("link", { name: "tuning" }).click();
    await page.locator(".trial-line").nth(23).waitFor({ state: "attached" });
    await page.locator(".scatter-point").nth(23).waitFor();
    const importance = page.getByRole("region", { name: "Importance" });
    await importance.getByText("optimizer.learningRate").waitFor();
    const axis = await page.locator(".brush-area").last().boundingBox();
    await page.mouse.move(axis!.x + 20, axis!.y + axis!.height - 1);
    await page.mouse.down();
    await page.mouse.move(axis!.x + 20, axis!.y + axis!.height * 0.5, { steps: 4 });
    await page.mouse.up();
    await page.getByText(/^\d+ of 24$/).waitFor();
    expect(await page.locator(".trial-line.dropped").count()).to.be.within(1, 23);
    expect(problems).to.deep.equal([]);
    await close();
  });

  it("says what follows from a sweep's trials", async () => {
    const { page, problems, close } = await open(runs.url("/sweep/sc72dee7"));
    const part = (name: string) => page.getByRole("region", { name });
    const best = part("Best configuration");
    await best.getByText("95 % interval").waitFor();
    await best.getByText(/^In pairs over 3 seeds they differ by/).waitFor();
    const importance = part("Importance");
    for (const method of ["PED-ANOVA", "fANOVA", "permutation"]) {
      await importance.getByRole("columnheader", { name: method }).waitFor();
    }
    await importance.getByText("What explains how results vary").waitFor();
    await part("Partial dependence")
      .getByRole("img", { name: "score over optimizer.learningRate" })
      .waitFor();
    expect(await page.locator(".front-point").count()).to.be.within(1, 7);
    await part("Cost").getByRole("row", { name: "finished 24 12h 00m" }).waitFor();
    expect(problems).to.deep.equal([]);
    await close();
  });

  it("judges all of a sweep by another metric", async () => {
    const search = "metric=train/loss&goal=maximize";
    const { page, close } = await open(runs.url(`/sweep/sc72dee7?${search}`));
    const best = page.getByRole("region", { name: "Best configuration" });
    await best.getByText("maximize train/loss").waitFor();
    await close();
  });

  it("puts one step on all media of all runs", async () => {
    const { page, close } = await open(runs.url(`/compare/media?runs=${first},r0000001`));
    await page.getByText("sample 0 <i>at 500</i>").nth(1).waitFor();
    await page.getByRole("slider", { name: "Step", exact: true }).focus();
    await page.keyboard.press("Home");
    await page.getByText("sample 0 <i>at 100</i>").nth(1).waitFor();
    expect(page.url()).to.include("step=100");
    await page.getByRole("button", { name: "Next step" }).click();
    await page.getByText("sample 0 <i>at 200</i>").nth(1).waitFor();
    await close();
  });

  it("saves a comparison as one file that needs no server", async () => {
    const { page, problems, close } = await open(runs.url(`/compare?runs=${first},r0000003`));
    for (const [format, start] of [
      ["One HTML file", "<!doctype html>"],
      ["Markdown", "# Comparison of 2 runs"],
    ] as const) {
      await page.getByRole("button", { name: "Report" }).click();
      const saved = page.waitForEvent("download");
      await page.getByRole("link", { name: format }).click();
      const text = readFileSync(await (await saved).path(), "utf8");
      expect(text.slice(0, start.length), format).to.equal(start);
      expect(text, format).to.include("optimizer.learningRate").and.include("train/loss");
      expect(text, format).to.not.match(/(?:src|href)="(?!data:|#)/);
    }
    expect(problems).to.deep.equal([]);
    await close();
  });
});
