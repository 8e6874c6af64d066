import { existsSync } from "node:fs";

import { after, before } from "mocha";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const program = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A page, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Exceptions and errors of the console. */
  readonly problems: string[];
  readonly close: () => Promise<void>;
}

/** A browser for the tests of the enclosing `describe`. */
export function browserPages(): (
  url: string,
  options?: BrowserContextOptions,
) => Promise<OpenPage> {
  let browser: Browser | undefined;
  before(async () => {
    if (!existsSync(program)) {
      throw new Error(
        `Cannot run the browser tests: expected Debian's package chromium at ${program}; install it with "apt-get install chromium", or name another with CHROMIUM`,
      );
    }
    browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
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
    await page.goto(url);
    return { page, problems, close: () => context.close() };
  };
}
