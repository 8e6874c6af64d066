import { existsSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

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
