import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

const evil = '<img src=x onerror="window.injected=1"><script>window.injected=1</script>"\'&ü🌱';

describe("text that others wrote", () => {
  const runs = dashboardOver(async (folder) => {
    await generateRuns({ folder, count: 3, withMedia: 1 });
    const notes = { tags: [evil], notes: evil, name: evil, starred: false, archived: false };
    for (const id of ["r0000000", "r0000001"]) {
      writeFileSync(path.join(folder, "tuning", id, "notes.json"), JSON.stringify(notes));
    }
    mkdirSync(path.join(folder, "alien"));
    writeFileSync(path.join(folder, "alien", "metrics.jsonl"), '{"kind": "met');
  });
  const open = browserPages();

  for (const address of [
    "/runs",
    "/runs?group=title",
    "/charts",
    "/run/r0000000",
    "/run/r0000000/console",
    "/run/r0000000/media",
    "/compare?runs=r0000000,r0000001&all=1",
    "/sweeps",
    `/runs?filter=${encodeURIComponent(`name = "${evil}"`)}&columns=${encodeURIComponent(evil)}`,
    `/run/${encodeURIComponent(evil)}`,
    `/${encodeURIComponent(evil)}`,
  ]) {
    it(`stays text at ${address.slice(0, 48)}`, async () => {
      const { page, close } = await open(runs.url(address));
      await page.locator("main > *").first().waitFor();
      await page.waitForTimeout(300);
      const found = await page.evaluate(() => ({
        injected: "injected" in window,
        images: document.querySelectorAll('img[src="x"]').length,
      }));
      expect(found).to.deep.equal({ injected: false, images: 0 });
      await close();
    });
  }

  it("is shown as it was written", async () => {
    const { page, close } = await open(runs.url("/run/r0000000"));
    await page.getByRole("heading", { level: 1, name: evil }).waitFor();
    expect(await page.getByRole("textbox", { name: "Notes" }).inputValue()).to.equal(evil);
    await close();
  });

  it("is saved as it was typed", async () => {
    const { page, close } = await open(runs.url("/run/r0000002"));
    await page.getByRole("textbox", { name: "Notes" }).fill(`${evil}\nsecond line`);
    await page.getByRole("button", { name: "Save", exact: true }).first().click();
    await page.getByText("Saved the notes").waitFor();
    await page.reload();
    const notes = page.getByRole("textbox", { name: "Notes" });
    await notes.waitFor();
    expect(await notes.inputValue()).to.equal(`${evil}\nsecond line`);
    await close();
  });
});
