import { errorEvent } from "../errorAnswer.ts";
import { sendEvents } from "../eventStream.ts";
import { responseProblem } from "../responses/chatOfResponse.ts";
import {
  checkSupported,
  responseRequestSchema,
  type ResponseRequest,
} from "../responses/responseRequest.ts";
import type { Route } from "../route.ts";

/** `POST /v1/responses` */
export const responses: Route = (app, { dispatcher, askerOf, responses: all, warn }) => {
  app.post<{ Body: ResponseRequest }>(
    "/v1/responses",
    { schema: { body: responseRequestSchema } },
    async (http, reply) => {
      const { body: request } = http;
      checkSupported(request);
      const asker = askerOf(http, reply);
      const run = await all.create(request, dispatcher, asker);
      reply.headers(run.headers());
      if (request.stream === true) {
        await sendEvents(reply, run.follow(), errorEvent(warn));
        return reply;
      }
      if (run.isBackground) return run.body;
      const body = await run.ended;
      if (run.failure !== undefined) throw responseProblem(run.failure);
      return body;
    },
  );
};
