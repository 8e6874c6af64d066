import type { FastifyInstance } from "fastify";

import type { RunAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { lineageOf } from "../lineage.ts";
import { readRunManifest, readRunText } from "../readRunFile.ts";
import { runParams } from "../schemas.ts";

/** `GET /api/runs/:run` */
export function runRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<{ Params: { run: string } }>(
    "/api/runs/:run",
    { schema: { params: runParams } },
    async ({ params }): Promise<RunAnswer> => {
      const run = state.run(params.run);
      const folder = state.folder(params.run);
      const media = state.media.get(folder).look().list();
      const facts = await state.facts.readAll();
      return {
        run,
        specYaml: readRunText(folder, "spec.yaml"),
        manifest: readRunManifest(folder),
        gitPatch: readRunText(folder, "git.patch"),
        media: media.map(({ kind, key, places }) => ({
          kind,
          key,
          steps: places.map(({ step }) => step),
        })),
        lineage: lineageOf(run.key, { runs: state.index.runs(), facts }),
      };
    },
  );
}
