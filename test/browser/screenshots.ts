/**
 * @file `npm run docs:screenshots`: the dashboard's pictures in `docs/images/`, of runs that are
 * generated. Needs Debian's chromium.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { chromium, type Page } from "playwright-core";
import sharp from "sharp";

import { startDashboard } from "./support/dashboardServer.ts";
import { pictureRuns } from "./support/pictureRuns.ts";

interface Screenshot {
  readonly name: string;
  readonly address: string;
  /** What has to stand on the page before it is taken. */
  readonly shown: string;
  readonly dark?: boolean;
  readonly before?: (page: Page) => Promise<void>;
}

const best = "runs=r0000000,r0000003,r0000006";
const screenshots: readonly Screenshot[] = [
  {
    name: "runs",
    address: "/runs?group=config.optimizer.name,config.model.width&sort=metrics.val/loss",
    shown: '[data-row="0"]',
    before: (page) => page.getByRole("button", { name: /^lamb · width 256/ }).click(),
  },
  {
    name: "charts",
    address: "/charts?group=config.optimizer.name,config.model.width&smooth=0.6&logy=1",
    shown: '.plot[aria-label^="train/loss"]',
    before: async (page) => {
      const area = await page.locator('section[aria-label="train/loss"] .u-over').boundingBox();
      if (area) await page.mouse.move(area.x + area.width / 3, area.y + area.height / 2);
    },
  },
  {
    name: "compare",
    address: `/compare/media?${best}&step=1500&size=128&search=planets`,
    shown: ".image-grid img",
  },
  { name: "sweep", address: "/sweeps", shown: ".sweep-card", before: openSweep },
  {
    name: "run",
    address: "/run/r0000000/charts?smooth=0.9",
    shown: '.plot[aria-label^="val/loss"]',
    dark: true,
  },
];

const shownFolder = "/home/user/research/runs";

const largestBytes = 200_000;

/** The page shows where runs lie: the pictures say what it would be for a user. */
async function nameFolder(page: Page, folder: string): Promise<void> {
  await page.route(/\/api\/(?!events)/, async (route) => {
    const response = await route.fetch();
    if (!response.headers()["content-type"]?.includes("json")) return route.fulfill({ response });
    const body = (await response.text()).replaceAll(folder, shownFolder);
    return route.fulfill({ response, body });
  });
}

async function openSweep(page: Page): Promise<void> {
  await page.getByRole("link", { name: "tuning" }).click();
  await page.locator(".scatter-point").nth(20).waitFor();
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-screenshots-"));
  await pictureRuns(folder);
  const dashboard = await startDashboard(folder);
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  for (const screenshot of screenshots) {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: screenshot.dark ? "dark" : "light",
    });
    await nameFolder(page, folder);
    await page.goto(dashboard.url(screenshot.address));
    await page.locator(screenshot.shown).first().waitFor();
    await screenshot.before?.(page);
    await page.waitForTimeout(1500);
    await save(await page.screenshot(), screenshot.name);
    await page.close();
  }
  await browser.close();
  await dashboard.stop();
  rmSync(folder, { recursive: true });
}

/** With a palette, which such pictures hardly need more than. */
async function save(png: Buffer, name: string): Promise<void> {
  const file = `docs/images/dashboard-${name}.png`;
  const small = await sharp(png).png({ palette: true, colours: 192, effort: 10 }).toBuffer();
  if (small.length > largestBytes) {
    throw new Error(
      `Cannot save ${file}: expected at most ${largestBytes} bytes, got ${small.length}`,
    );
  }
  writeFileSync(file, small);
  console.log(`${file}: ${small.length} bytes`);
}

await main();
