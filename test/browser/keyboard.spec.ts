import { expect } from "chai";
import { describe, it } from "mocha";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

describe("the keyboard alone", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 200, withMedia: 1 }));
  const open = browserPages();

  it("finds, chooses, charts and opens runs", async () => {
    const { page, close } = await open(runs.url());
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByText("200 runs", { exact: true }).waitFor();
    await press("/");
    await page.keyboard.type("seed = 0");
    await press("Enter", "Escape");
    await page.getByText("67 runs", { exact: true }).waitFor();
    await press("j", "j", "x", "k", "x");
    await page.getByText("2 chosen").waitFor();
    await press("g", "c");
    await page.getByText("Chosen runs").waitFor();
    await press("g", "d");
    await page.getByText("Compare 2 runs").waitFor();
    await press("g", "t");
    await page.locator('[data-row="0"]').waitFor();
    await press("Home", "j", "o");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await press("]");
    await page.waitForFunction(() => location.hash.includes("/charts"));
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal("main");
    await close();
  });

  it("moves far through a long table, and keeps the focus on the row", async () => {
    const { page, close } = await open(runs.url());
    await page.locator('[data-row="0"]').waitFor();
    for (let i = 0; i < 8; i++) await page.keyboard.press("PageDown");
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-row") === "160");
    await close();
  });

  it("shows which keys there are, and leaves the dialog to where one was", async () => {
    const { page, close } = await open(runs.url());
    await page.locator('[data-row="0"]').waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).getByText("Choose the run").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog"));
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-row"))).to.equal(
      "1",
    );
    await close();
  });

  it("skips to the content with the first tab", async () => {
    const { page, close } = await open(runs.url());
    await page.locator('[data-row="0"]').waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal("main");
    await close();
  });

  it("steps through media", async () => {
    const { page, close } = await open(runs.url("/run/r0000000/media"));
    await page.getByText("sample 0 <i>at 500</i>").waitFor();
    await page.keyboard.press(",");
    await page.getByText("sample 0 <i>at 400</i>").waitFor();
    await page.keyboard.press(".");
    await page.getByText("sample 0 <i>at 500</i>").waitFor();
    await close();
  });
});
