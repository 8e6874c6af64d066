import { existsSync } from "node:fs";

import { after, afterEach, before } from "mocha";
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type Page,
  type Request,
} from "playwright-core";

const program = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A page, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Exceptions and errors of the console. */
  readonly problems: string[];
  readonly close: () => Promise<void>;
}

interface Watched extends OpenPage {
  readonly unanswered: ReadonlySet<Request>;
}

/** A browser for the tests of the enclosing `describe`; of one that fails it says what its pages show. */
export function browserPages(): (
  url: string,
  options?: BrowserContextOptions,
) => Promise<OpenPage> {
  let browser: Browser | undefined;
  let opened: Watched[] = [];
  before(async () => {
    if (!existsSync(program)) {
      throw new Error(
        `Cannot run the browser tests: expected Debian's package chromium at ${program}; install it with "apt-get install chromium", or name another with CHROMIUM`,
      );
    }
    browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  });
  afterEach(async function () {
    const pages = opened;
    opened = [];
    if (this.currentTest?.state !== "failed") return;
    for (const page of pages) console.error(await describePage(page));
    for (const { close } of pages) await close();
  });
  after(() => browser?.close());
  return async (url, options = {}) => {
    if (!browser) throw new Error("Cannot open a page: the browser has not started");
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(60_000); // on machines that do other things
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    const unanswered = new Set<Request>();
    page.on("request", (request) => unanswered.add(request));
    page.on("requestfinished", (request) => unanswered.delete(request));
    page.on("requestfailed", (request) => unanswered.delete(request));
    const open = { page, problems, unanswered, close: () => context.close() };
    opened.push(open);
    await page.goto(url);
    return open;
  };
}

/** What somebody who sees the page would tell of it. */
async function describePage({ page, problems, unanswered }: Watched): Promise<string> {
  const text = page.isClosed()
    ? "closed"
    : await page
        .locator("main")
        .innerText({ timeout: 5000 })
        .catch((error: unknown) => `no main part: ${String(error)}`);
  return [
    `The page at ${page.url()} shows: ${text.slice(0, 1000)}`,
    ...problems.map((problem) => `  problem: ${problem}`),
    ...Array.from(unanswered, (request) => `  no answer yet: ${request.method()} ${request.url()}`),
  ].join("\n");
}
