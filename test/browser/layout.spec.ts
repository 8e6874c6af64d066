import { createRequire } from "node:module";

import { expect } from "chai";
import { describe, it } from "mocha";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

describe("the layout", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 30, withMedia: 2 }));
  const open = browserPages();
  const addresses = [
    ["/runs", '[data-row="0"]'],
    ["/runs?group=config.optimizer.name&runs=r0000000", ".chosen-bar"],
    ["/charts?group=config.optimizer.name", ".plot"],
    ["/run/r0000000", ".facts"],
    ["/run/r0000000/media", ".image-grid img"],
    ["/run/r0000000/histograms", ".ridges"],
    ["/run/r0000000/console", ".console-line"],
    ["/run/r0000000/system", ".plot"],
    ["/run/r0000000/config", ".code-key"],
    ["/run/r0000000/git", ".patch-added"],
    ["/compare?runs=r0000000,r0000001,r0000003,r0000006", ".differences"],
    ["/compare/media?runs=r0000000,r0000001", ".image-grid img"],
    ["/sweeps", ".sweep-card"],
    ["/sweep/sc72dee7", ".front-point"],
  ] as const;

  for (const width of [360, 768, 1440, 3840]) {
    it(`of no view is wider than ${width} pixels`, async () => {
      const { page, close } = await open(runs.url(), { viewport: { width, height: 900 } });
      for (const [address, shown] of addresses) {
        await page.goto(runs.url(address));
        await page.locator(shown).first().waitFor();
        const scrolled = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(scrolled, address).to.be.at.most(width);
      }
      await close();
    });
  }

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has no serious barrier in ${colorScheme} colours`, async () => {
      const { page, close } = await open(runs.url(), { colorScheme, bypassCSP: true });
      for (const [address, shown] of addresses) {
        await page.goto(runs.url(address));
        await page.locator(shown).first().waitFor();
        await page.addScriptTag({ path: axe });
        const found: string[] = await page.evaluate(`axe.run().then(({ violations }) => violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => id + ": " + nodes[0].html + " " + nodes[0].failureSummary))`);
        expect(found, address).to.deep.equal([]);
      }
      await close();
    });
  }

  it("follows the switch of colours", async () => {
    const { page, close } = await open(runs.url(), { colorScheme: "light" });
    const ground = () =>
      page.evaluate(() => getComputedStyle(document.body.parentElement!).backgroundColor);
    const light = await ground();
    await page.getByRole("button", { name: /^Colours/ }).click();
    await page.getByRole("button", { name: "Colours: light" }).click();
    await page.getByRole("button", { name: "Colours: dark" }).waitFor();
    expect(await ground()).to.not.equal(light);
    await close();
  });
});
