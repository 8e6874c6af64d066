import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { after, before } from "mocha";

import {
  createDashboard,
  dashboardPage,
  type DashboardOptions,
} from "../../../framework/dashboard/server/createDashboard.ts";
import { RunIndex } from "../../../framework/store/runIndex.ts";
import { bundlePage, type PageBundle } from "../../../framework/web/server/bundlePage.ts";
import { listen } from "../../../framework/web/server/listen.ts";

export interface RunningDashboard {
  /** Of the runs. */
  readonly folder: string;
  /** Of a view, such as `/runs?group=seed`. */
  readonly url: (address?: string) => string;
  readonly stop: () => Promise<void>;
}

/** Ten thousand runs are thirty thousand files. */
const hookMs = 300_000;

let page: Promise<PageBundle> | undefined;

/**
 * Serves the runs of a folder on a free port.
 *
 * @param actions absent: the page may start and stop nothing
 */
export async function startDashboard(
  folder: string,
  actions?: DashboardOptions["actions"],
): Promise<RunningDashboard> {
  page ??= bundlePage(dashboardPage);
  const cacheFolder = path.join(folder, ".cache");
  const index = await RunIndex.open({ folders: [folder], cacheFolder });
  const app = await createDashboard({
    ...{ index, cacheFolder, version: "1.2.3", page: await page, warn: () => {} },
    ...(actions && { actions }),
  });
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  return {
    folder,
    url: (address = "/runs") => `http://127.0.0.1:${port}/#${address}`,
    async stop() {
      await app.close();
      await index.close();
    },
  };
}

/** A dashboard over generated runs for all tests of the enclosing `describe`. */
export function dashboardOver(
  generate: (folder: string) => Promise<void>,
  actions?: DashboardOptions["actions"],
): {
  readonly folder: () => string;
  readonly url: (address?: string) => string;
} {
  let running: RunningDashboard | undefined;
  const folder = mkdtempSync(path.join(roomyFolder(), "seedbed-browser-"));
  before(async function () {
    this.timeout(hookMs);
    await generate(folder);
    running = await startDashboard(folder, actions);
  });
  after(async function () {
    this.timeout(hookMs);
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder: () => folder,
    url(address) {
      if (!running) throw new Error("Cannot name an address: the dashboard has not started");
      return running.url(address);
    },
  };
}

const memory = "/dev/shm";
const neededBytes = 2e9;

/** In memory where there is enough: ten thousand runs take minutes to write on a busy disk. */
function roomyFolder(): string {
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > neededBytes ? memory : tmpdir();
}
