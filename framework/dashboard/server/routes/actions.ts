import path from "node:path";

import type { FastifyInstance } from "fastify";

import { writeSweepWish } from "../../../sweep/sweepControl.ts";
import { isSweepRunning } from "../../../sweep/sweepWorkers.ts";
import { manifestPath } from "../../../tracking/runManifest.ts";
import { trashRun } from "../../../tracking/runTrash.ts";
import { bearerToken, isEqual } from "../../../web/server/secrets.ts";
import type { ActionAnswer, ProjectFiles, StartQuery } from "../../api.ts";
import { projectFiles } from "../actions/projectFiles.ts";
import type { StartedProcesses } from "../actions/startedProcesses.ts";
import { stopOwner } from "../actions/stopOwner.ts";
import type { DashboardState } from "../dashboardState.ts";
import { RequestError } from "../requestError.ts";
import { objectSchema, runKeySchema, runParams } from "../schemas.ts";
import { sweepFolderOf, trialsOf } from "../sweepAnswers.ts";

export interface ActionOptions {
  readonly state: DashboardState;
  /** What has to be known; undefined: nobody may do anything. */
  readonly token: string | undefined;
  /** The command line's program, word by word. */
  readonly program: readonly string[];
  /** Of the project. */
  readonly directory: string;
  readonly processes: StartedProcesses;
}

interface RunRequest {
  Params: { run: string };
}

const startBody = objectSchema(
  {
    file: { type: "string", maxLength: 1000 },
    overrides: {
      type: "array",
      maxItems: 100,
      items: { type: "string", maxLength: 10_000, pattern: "^[A-Za-z_][\\w.]*=" },
    },
    parallel: { type: "integer", minimum: 1, maximum: 64 },
  },
  ["file"],
);

/** What changes something: all of it needs the token. */
export function actionRoutes(app: FastifyInstance, options: ActionOptions): void {
  void app.register(async (scope) => {
    scope.addHook("onRequest", async (request) => checkToken(bearerToken(request), options.token));
    runActions(scope, options);
    sweepActions(scope, options);
    startActions(scope, options);
  });
}

function checkToken(given: string, token: string | undefined): void {
  if (token === undefined) {
    throw new RequestError(403, "Cannot act: start the dashboard with seedbed ui --allow-actions");
  }
  if (!isEqual(given, token)) {
    throw new RequestError(403, "Cannot act: expected the token that seedbed ui printed");
  }
}

function runActions(app: FastifyInstance, { state, program, processes }: ActionOptions): void {
  app.post<RunRequest>(
    "/api/runs/:run/stop",
    { schema: { params: runParams } },
    ({ params }): ActionAnswer => {
      const folder = state.folder(params.run);
      const pid = stopOwner(folder, manifestPath(folder));
      return { started: null, message: `Process ${pid} was asked to save its work and end` };
    },
  );
  app.post<RunRequest>(
    "/api/runs/:run/resume",
    { schema: { params: runParams } },
    async ({ params }): Promise<ActionAnswer> => {
      const { status, source } = state.run(params.run);
      if (source !== "seedbed" || status === "running" || status === "finished") {
        const what = source === "seedbed" ? status : `of ${source}`;
        throw new RequestError(409, `Cannot resume run ${params.run}: it is ${what}`);
      }
      const folder = state.folder(params.run);
      const started = await processes.start([...program, "resume", folder]);
      return { started, message: `Process ${started.pid} resumes the run` };
    },
  );
  app.post<RunRequest>(
    "/api/runs/:run/delete",
    { schema: { params: runParams } },
    async ({ params }): Promise<ActionAnswer> => {
      if (state.run(params.run).status === "running") {
        throw new RequestError(
          409,
          `Cannot delete run ${params.run}: it is running; stop it first`,
        );
      }
      const folder = state.folder(params.run);
      const root = state.index.folders.find((each) => folder.startsWith(each + path.sep));
      const trash = trashRun(root ?? path.dirname(folder), folder);
      await state.live.look([params.run]);
      return { started: null, message: `The run is in the trash: ${trash}` };
    },
  );
}

function sweepActions(app: FastifyInstance, { state }: ActionOptions): void {
  app.post<{ Params: { sweep: string } }>(
    "/api/sweeps/:sweep/stop",
    { schema: { params: objectSchema({ sweep: runKeySchema }) } },
    ({ params }): ActionAnswer => {
      const folder = sweepFolderOf(trialsOf(params.sweep, state), state);
      if (!isSweepRunning(folder)) {
        throw new RequestError(409, "Cannot stop: no process is at work on the sweep");
      }
      writeSweepWish(folder, { wish: "stop", finish: false });
      return { started: null, message: "The sweep was asked to stop its trials and end" };
    },
  );
}

function startActions(app: FastifyInstance, options: ActionOptions): void {
  const { state, program, directory, processes } = options;
  app.get("/api/actions/files", (): ProjectFiles => projectFiles(directory));
  app.post<{ Body: StartQuery }>(
    "/api/actions/start",
    { schema: { body: startBody } },
    async ({ body: { file, overrides = [], parallel = 1 } }): Promise<ActionAnswer> => {
      const { specs, sweeps } = projectFiles(directory);
      const runs = ["--runs", state.index.folders[0]!];
      if (specs.includes(file)) {
        const started = await processes.start([...program, "run", file, ...overrides, ...runs]);
        return { started, message: `Process ${started.pid} runs ${file}` };
      }
      if (!sweeps.includes(file)) {
        throw new RequestError(404, `Cannot start ${file}: it is no spec or sweep of the project`);
      }
      const words = ["sweep", file, "--parallel", String(parallel), ...runs];
      const started = await processes.start([...program, ...words]);
      return { started, message: `Process ${started.pid} runs the sweep ${file}` };
    },
  );
}
