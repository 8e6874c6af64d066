import { once } from "node:events";

import { bundlePage } from "../dashboard/server/bundlePage.ts";
import { createDashboard } from "../dashboard/server/createDashboard.ts";
import { listen } from "../dashboard/server/listen.ts";
import type { CommandContext } from "./command.ts";
import { openBrowser } from "./openBrowser.ts";
import { packageVersion } from "./packageVersion.ts";

export interface ServeDashboardOptions {
  readonly folders: readonly string[];
  readonly port: number | undefined;
  readonly host: string;
  readonly open: boolean;
}

/** Serves the dashboard until a signal comes. */
export async function serveDashboard(
  { folders, port, host, open }: ServeDashboardOptions,
  context: CommandContext,
): Promise<void> {
  const { print, warn } = context.terminal;
  const page = await bundlePage();
  const app = await createDashboard({
    folders,
    version: packageVersion(),
    page,
    warn,
  });
  const watch = context.watchSignals({ print: () => {}, warn: () => {} });
  try {
    const taken = await listen(app, { host, port });
    const address = `http://${host}:${taken}/`;
    print(`Dashboard at ${address} (ctrl-c ends it)`);
    if (open) openBrowser(address, warn);
    if (!watch.signal.aborted) await once(watch.signal, "abort");
  } finally {
    watch.release();
    await app.close();
  }
}
