import { createReadStream } from "node:fs";
import path from "node:path";

import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

import { InputError } from "../../../base/errors.ts";
import { statOf } from "../../../store/fileStamp.ts";
import type { BytePlace } from "../../../store/media/runMedia.ts";
import type { DashboardState } from "../dashboardState.ts";
import { pictureType } from "../pictureTypes.ts";
import { RequestError } from "../requestError.ts";
import { objectSchema, runKeySchema } from "../schemas.ts";

const params = objectSchema({
  run: runKeySchema,
  file: { type: "string", pattern: "^[0-9a-f]{32}\\.[a-z]{3,4}$" },
});

/** What is sent as it is kept, until its name changes. */
const maxAgeSeconds = 31_536_000;

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
      const { run, file: id } = request.params;
      const { file, offset, bytes } = findPicture(state, run, id);
      reply.type(pictureType(id)!);
      if (offset > 0 || bytes !== statOf(file)?.size) {
        return reply
          .header("cache-control", `public, max-age=${maxAgeSeconds}, immutable`)
          .header("content-length", bytes)
          .send(createReadStream(file, { start: offset, end: offset + bytes - 1 }));
      }
      return reply.sendFile(path.basename(file), path.dirname(file), {
        acceptRanges: true,
        etag: true,
        immutable: true,
        maxAge: maxAgeSeconds * 1000,
      });
    },
  );
}

/** @throws {RequestError} when the run has no such picture, or it is not to be shown */
function findPicture(state: DashboardState, run: string, id: string): BytePlace {
  const place = pictureOf(state, run, id);
  if (place === undefined) throw new RequestError(404, `Cannot find picture ${id} of run ${run}`);
  if (pictureType(place.offset > 0 ? id : place.file) !== undefined && pictureType(id))
    return place;
  throw notShown(run, id);
}

function pictureOf(state: DashboardState, run: string, id: string): BytePlace | undefined {
  const media = state.media.get(state.place(run));
  try {
    return media.picture(id);
  } catch (error) {
    if (error instanceof InputError) throw notShown(run, id);
    throw error;
  }
}

function notShown(run: string, id: string): RequestError {
  return new RequestError(
    403,
    `Cannot show picture ${id} of run ${run}: it is no picture in the run's folder`,
  );
}
