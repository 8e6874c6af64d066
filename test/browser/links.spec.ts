import { expect } from "chai";
import { describe, it } from "mocha";

import { browserPages } from "./support/browser.ts";
import { dashboardOver } from "./support/dashboardServer.ts";
import { generateRuns } from "./support/generateRuns.ts";

describe("a link to a view", () => {
  const runs = dashboardOver((folder) => generateRuns({ folder, count: 30, withMedia: 1 }));
  const open = browserPages();

  it("restores filter, columns, sort and choice of the table", async () => {
    const { page, close } = await open(
      runs.url(
        "/runs?filter=seed+>+0&columns=seed,metrics.train/loss:min&sort=-seed,startedAt&runs=r0000002&pinned=seed",
      ),
    );
    await page.getByText("20 runs", { exact: true }).waitFor();
    expect(await page.getByRole("combobox", { name: "Filter of runs" }).inputValue()).to.equal(
      "seed > 0",
    );
    expect(await page.getByRole("columnheader").allInnerTexts()).to.deep.equal([
      "Run",
      "Seed\n↓1",
      "train/loss\nmin",
    ]);
    await page.getByRole("button", { name: /Sorted by Seed.*falling/ }).waitFor();
    expect(await page.locator('[data-row="0"]').getAttribute("aria-selected")).to.equal("true");
    await close();
  });

  it("restores everything of charts, and so does the way back", async () => {
    const address =
      "/charts?runs=r0000000,r0000003&smooth=0.8t&logy=1&from=50&to=150&hidden=r0000003";
    const { page, close } = await open(runs.url(address));
    await page.locator('.plot[aria-label="train/loss: 1 curves"]').waitFor();
    expect(await page.getByRole("slider", { name: "smooth" }).inputValue()).to.equal("0.8");
    expect(await page.getByLabel("Kind of smoothing").inputValue()).to.equal("timeWeighted");
    await page.getByRole("button", { name: "log y", pressed: true }).waitFor();
    await page.getByRole("button", { name: "Show all", exact: true }).waitFor();
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByText("2 chosen").waitFor();
    await page.goBack();
    await page.locator('.plot[aria-label="train/loss: 1 curves"]').waitFor();
    expect(page.url()).to.equal(runs.url(address));
    await close();
  });

  it("leads there also when the view that is left changes its own address at that moment", async () => {
    const { page, close } = await open(runs.url("/charts"));
    const search = page.getByRole("searchbox", { name: "Search metrics" });
    await search.evaluate((input: HTMLInputElement) => {
      location.hash = "#/run/r0000000";
      input.value = "loss";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.locator(".facts").first().waitFor();
    await close();
  });

  it("decides the smoothing also of charts that are open", async () => {
    const { page, close } = await open(runs.url("/charts?smooth=0.6"));
    const smooth = page.getByRole("slider", { name: "smooth" });
    await smooth.waitFor();
    await page.clock.install();
    await page.goto(runs.url("/charts?smooth=0.8t"));
    await page.locator("output", { hasText: "0.80" }).waitFor();
    await page.clock.runFor(1000);
    expect(page.url()).to.equal(runs.url("/charts?smooth=0.8t"));
    expect(await page.getByLabel("Kind of smoothing").inputValue()).to.equal("timeWeighted");
    await close();
  });

  it("to charts stays as it was written", async () => {
    const { page, close } = await open(runs.url("/runs"));
    await page.clock.install();
    const address = "/charts?group=config%2Eseed";
    await page.goto(runs.url(address));
    await page.getByRole("slider", { name: "smooth" }).waitFor();
    await page.clock.runFor(1000);
    expect(page.url()).to.equal(runs.url(address));
    await close();
  });

  it("restores the step of media", async () => {
    const { page, close } = await open(runs.url("/run/r0000000/media?step=300"));
    await page.getByText("sample 0 <i>at 300</i>").waitFor();
    await close();
  });

  it("is kept under a name by the server", async () => {
    const first = await open(runs.url("/runs?filter=seed+=+1"));
    await first.page.getByText("10 runs", { exact: true }).waitFor();
    await first.page.getByRole("button", { name: "Saved views" }).click();
    await first.page.getByRole("textbox", { name: "Name of this view" }).fill("second seeds");
    await first.page.getByRole("button", { name: "Save", exact: true }).click();
    await first.page.getByRole("link", { name: "second seeds" }).waitFor();
    await first.close();
    const second = await open(runs.url());
    await second.page.getByRole("button", { name: "Saved views" }).click();
    await second.page.getByRole("link", { name: "second seeds" }).click();
    await second.page.getByText("10 runs", { exact: true }).waitFor();
    await second.close();
  });
});
