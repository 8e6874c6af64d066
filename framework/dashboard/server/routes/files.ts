import { realpathSync } from "node:fs";
import path from "node:path";

import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

import type { DashboardState } from "../dashboardState.ts";
import { RequestError } from "../requestError.ts";
import { objectSchema, runKeySchema } from "../schemas.ts";

/** What a browser may be given of a run. SVG and HTML are not among them: they can run scripts. */
const types: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
};

const params = objectSchema({
  run: runKeySchema,
  file: { type: "string", pattern: "^[0-9a-f]{32}\\.[a-z]{3,4}$" },
});

/**
 * `GET /api/runs/:run/files/:file`: pictures, under the names that the run's record gives them. No
 * part of the address becomes a path. The name is a hash of the content, so browsers may keep it.
 */
export async function fileRoutes(app: FastifyInstance, state: DashboardState): Promise<void> {
  await app.register(fastifyStatic, { root: import.meta.dirname, serve: false });
  app.get<{ Params: { run: string; file: string } }>(
    "/api/runs/:run/files/:file",
    { schema: { params } },
    (request, reply) => {
      const { run, file } = request.params;
      const found = pictureFile(state, run, file);
      return reply
        .type(types[path.extname(found).toLowerCase()]!)
        .sendFile(path.basename(found), path.dirname(found), {
          acceptRanges: true,
          etag: true,
          immutable: true,
          maxAge: "365d",
        });
    },
  );
}

/** @throws {RequestError} when the run has no such picture, or it is not to be shown */
function pictureFile(state: DashboardState, run: string, id: string): string {
  const folder = state.folder(run);
  const media = state.media.get(folder);
  const name = media.pictureFile(id) ?? media.look().pictureFile(id);
  const file = name === undefined ? undefined : realPath(path.join(folder, name));
  if (file === undefined) throw new RequestError(404, `Cannot find picture ${id} of run ${run}`);
  const isInside = file.startsWith(realpathSync(folder) + path.sep);
  if (isInside && Object.hasOwn(types, path.extname(file).toLowerCase())) return file;
  throw new RequestError(
    403,
    `Cannot show picture ${id} of run ${run}: it is no picture in the run's folder`,
  );
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
