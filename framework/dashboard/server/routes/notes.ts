import type { FastifyInstance } from "fastify";

import type { IndexedRun } from "../../../store/indexedRun.ts";
import { changeRunNotes, type RunNotes } from "../../../tracking/runNotes.ts";
import type { NotesChange } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { objectSchema, runParams } from "../schemas.ts";

const body = objectSchema(
  {
    tags: { type: "array", maxItems: 100, items: { type: "string", maxLength: 200 } },
    notes: { type: "string", maxLength: 100_000 },
    starred: { type: "boolean" },
    archived: { type: "boolean" },
    title: { type: ["string", "null"], maxLength: 200 },
    colour: { type: ["string", "null"], maxLength: 7 },
  },
  [],
);

/** `POST /api/runs/:run/notes`, which answers with the run as it is then. */
export function notesRoutes(app: FastifyInstance, state: DashboardState): void {
  app.post<{ Params: { run: string }; Body: NotesChange }>(
    "/api/runs/:run/notes",
    { schema: { params: runParams, body } },
    async ({ params, body: change }): Promise<IndexedRun> => {
      changeRunNotes(state.folder(params.run), toNotes(change));
      await state.live.look([params.run]);
      return state.run(params.run);
    },
  );
}

function toNotes({ title, ...rest }: NotesChange): Partial<RunNotes> {
  return title === undefined ? rest : { ...rest, name: title === "" ? null : title };
}
