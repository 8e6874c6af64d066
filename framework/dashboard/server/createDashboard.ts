import path from "node:path";
import { constants } from "node:zlib";

import compress from "@fastify/compress";
import { fastify, type FastifyInstance } from "fastify";

import type { RunIndex } from "../../store/runIndex.ts";
import type { PageBundle } from "../../web/server/bundlePage.ts";
import { setSecurityHeaders } from "../../web/server/securityHeaders.ts";
import { StartedProcesses } from "./actions/startedProcesses.ts";
import { answerErrors } from "./answerErrors.ts";
import { DashboardState } from "./dashboardState.ts";
import { guard } from "./guard.ts";
import { toJson } from "./jsonNumbers.ts";
import { actionRoutes } from "./routes/actions.ts";
import { compareRoutes } from "./routes/compare.ts";
import { consoleRoutes } from "./routes/console.ts";
import { eventRoutes, type EventSender } from "./routes/events.ts";
import { fileRoutes } from "./routes/files.ts";
import { infoRoutes } from "./routes/info.ts";
import { mediaRoutes } from "./routes/media.ts";
import { notesRoutes } from "./routes/notes.ts";
import { pageRoutes } from "./routes/page.ts";
import { reportRoutes } from "./routes/report.ts";
import { runRoutes } from "./routes/run.ts";
import { seriesRoutes } from "./routes/series.ts";
import { sweepRoutes } from "./routes/sweeps.ts";
import { systemRoutes } from "./routes/system.ts";
import { tableRoutes } from "./routes/table.ts";
import { viewRoutes } from "./routes/views.ts";
import { SavedViews } from "./savedViews.ts";

export interface DashboardOptions {
  /** Of the runs to show; it stays the caller's, who closes it after the server. */
  readonly index: RunIndex;
  /** Of the package. */
  readonly version: string;
  readonly page: PageBundle;
  /** Address that the server will listen on, which decides what names it answers to. */
  readonly host?: string;
  /** What everyone has to know who asks. */
  readonly accessToken?: string;
  /** Absent: the page can start and stop nothing. */
  readonly actions?: DashboardActions;
  /** Where long curves are kept; null or absent: nowhere. */
  readonly cacheFolder?: string | null;
  /** Takes one line for the person who started the server. */
  readonly warn: (message: string) => void;
}

export interface DashboardActions {
  /** What has to be known for each action. */
  readonly token: string;
  /** The command line's program, word by word. */
  readonly program: readonly string[];
  /** Of the project. */
  readonly directory: string;
}

/** Folder of the page's source. */
export const dashboardPage: string = path.resolve(import.meta.dirname, "../page");

const mostBodyBytes = 1024 * 1024;

/** The dashboard's server, which does not listen yet. */
export async function createDashboard(options: DashboardOptions): Promise<FastifyInstance> {
  const { index, version, page, host = "127.0.0.1", accessToken, actions, warn } = options;
  const state = new DashboardState(index, { warn, cacheFolder: options.cacheFolder });
  const app = fastify({
    bodyLimit: mostBodyBytes,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  });
  await app.register(compress, {
    encodings: ["gzip"],
    threshold: 1024,
    zlibOptions: { level: constants.Z_BEST_SPEED }, // of curves' digits more effort saves 3 %
  });
  void globalThis.Response; // Node loads it for whoever asks first: not for the first chart
  app.setReplySerializer(toJson);
  answerErrors(app, warn);
  setSecurityHeaders(app);
  guard(app, { host, accessToken });
  pageRoutes(app, page);
  infoRoutes(app, { state, version, hasActions: actions !== undefined });
  tableRoutes(app, state);
  seriesRoutes(app, state);
  runRoutes(app, state);
  mediaRoutes(app, state);
  await fileRoutes(app, state);
  consoleRoutes(app, state);
  systemRoutes(app, state);
  reportRoutes(app, state);
  notesRoutes(app, state);
  compareRoutes(app, state);
  sweepRoutes(app, state);
  viewRoutes(app, new SavedViews(index.folders[0]!));
  addActions(app, { state, send: eventRoutes(app, state), actions });
  app.addHook("onClose", () => state.live.close());
  return app;
}

interface AddActionsOptions {
  readonly state: DashboardState;
  readonly send: EventSender;
  readonly actions: DashboardActions | undefined;
}

function addActions(app: FastifyInstance, { state, send, actions }: AddActionsOptions): void {
  const { token, program = [], directory = process.cwd() } = actions ?? {};
  const processes = new StartedProcesses({
    directory,
    logFolder: path.join(state.index.folders[0]!, ".started"),
    ended: (event) => send("actions", event),
  });
  actionRoutes(app, { state, token, program, directory, processes });
}
