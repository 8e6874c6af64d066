import { ApiError } from "../apiError.ts";
import { errorEvent } from "../errorAnswer.ts";
import { sendEvents, type StreamEvent } from "../eventStream.ts";
import { ownerOf } from "../requestAsker.ts";
import type { StoredResponse } from "../responses/responseStore.ts";
import type { Route } from "../route.ts";

interface ResponseRoute {
  Params: { id: string };
  Querystring: { stream?: string; starting_after?: string };
}

const digits = { type: "string", pattern: "^[0-9]+$" };
const query = {
  type: "object",
  properties: { stream: { enum: ["true", "false"] }, starting_after: digits },
};

/** `GET /v1/responses/{id}` and `DELETE` of the same. */
export const storedResponse: Route = (app, { responses, warn }) => {
  app.get<ResponseRoute>(
    "/v1/responses/:id",
    { schema: { querystring: query } },
    async (request, reply) => {
      const stored = responses.find(request.params.id, ownerOf(request));
      if (request.query.stream !== "true") return stored.body;
      const { starting_after: after } = request.query;
      const from = after === undefined ? 0 : Number(after) + 1;
      const running = responses.running(request.params.id);
      const events = running?.isBackground ? running.follow(from) : keptEvents(stored, from);
      await sendEvents(reply, events, errorEvent(warn));
      return reply;
    },
  );

  app.delete<ResponseRoute>("/v1/responses/:id", async (request) => {
    const { id } = request.params;
    responses.remove(id, ownerOf(request));
    return { id, object: "response", deleted: true };
  });
};

/** @throws {ApiError} for a response whose events are not kept */
function keptEvents({ events }: StoredResponse, from: number): AsyncIterable<StreamEvent> {
  if (!events) {
    throw new ApiError(
      "Only a response that was created with background=true and stream=true can be streamed again.",
      { param: "stream" },
    );
  }
  return (async function* () {
    yield* events.slice(from);
  })();
}
