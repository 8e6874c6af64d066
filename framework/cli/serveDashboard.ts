import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";

import {
  createDashboard,
  dashboardPage,
  type DashboardActions,
} from "../dashboard/server/createDashboard.ts";
import { RunIndex, type RunIndexOptions } from "../store/runIndex.ts";
import { bundlePage } from "../web/server/bundlePage.ts";
import { isLoopback } from "../web/server/foreignRequest.ts";
import { addressOf, listen } from "../web/server/listen.ts";
import type { CommandContext } from "./command.ts";
import { openBrowser } from "./openBrowser.ts";
import { packageVersion } from "./packageVersion.ts";

export interface ServeDashboardOptions {
  readonly folders: readonly string[];
  readonly port: number | undefined;
  readonly host: string;
  readonly open: boolean;
  readonly allowActions: boolean;
}

/** From which time on somebody who waits is told why. */
const patienceMs = 1500;

/** Serves the dashboard until a signal comes. */
export async function serveDashboard(
  { folders, port, host, open, allowActions }: ServeDashboardOptions,
  context: CommandContext,
): Promise<void> {
  const { print, warn } = context.terminal;
  const cacheFolder = path.join(folders[0]!, ".cache");
  const [page, index] = await Promise.all([
    bundlePage(dashboardPage),
    openIndex({ folders, cacheFolder }, warn),
  ]);
  const accessToken = isLoopback(host) ? undefined : newToken();
  const actionToken = allowActions ? newToken() : undefined;
  const app = await createDashboard({
    index,
    cacheFolder,
    version: packageVersion(),
    page,
    host,
    ...(accessToken !== undefined && { accessToken }),
    ...(actionToken !== undefined && { actions: actionsWith(actionToken) }),
    warn,
  });
  const watch = context.watchSignals({ print: () => {}, warn: () => {} });
  try {
    const taken = await listen(app, { host, port });
    const query = accessToken === undefined ? "" : `?token=${accessToken}`;
    const address = `${addressOf(host, taken)}/${query}`;
    print(`Dashboard at ${address} (ctrl-c ends it)`);
    if (actionToken !== undefined) print(`Token for actions: ${actionToken}`);
    if (open) openBrowser(address, warn);
    if (!watch.signal.aborted) await once(watch.signal, "abort");
  } finally {
    watch.release();
    await app.close();
    await index.close();
  }
}

async function openIndex(
  options: RunIndexOptions,
  warn: (message: string) => void,
): Promise<RunIndex> {
  const folders = options.folders.join(", ");
  const reading = setTimeout(() => warn(`Reading the runs in ${folders} ...`), patienceMs);
  return RunIndex.open(options).finally(() => clearTimeout(reading));
}

const newToken = (): string => randomBytes(24).toString("base64url");

const actionsWith = (token: string): DashboardActions => ({
  token,
  program: [process.execPath, path.join(import.meta.dirname, "seedbed.js")],
  directory: process.cwd(),
});
