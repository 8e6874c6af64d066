import { countChatTokens } from "../chat/chatPrompt.ts";
import { chatOfResponse, responseProblem } from "../responses/chatOfResponse.ts";
import {
  checkSupported,
  responseInputSchema,
  type ResponseInput,
} from "../responses/responseRequest.ts";
import type { Route } from "../route.ts";

/** `POST /v1/responses/input_tokens` */
export const responseInputTokens: Route = (app, { dispatcher, askerOf, responses }) => {
  app.post<{ Body: ResponseInput }>(
    "/v1/responses/input_tokens",
    { schema: { body: responseInputSchema } },
    async (http, reply) => {
      const { body: request } = http;
      checkSupported(request);
      const asker = askerOf(http, reply);
      const { items } = responses.conversation(request, "resp_", asker.owner);
      const chat = chatOfResponse(request, items);
      try {
        const input_tokens = await countChatTokens(
          dispatcher.serviceOf(request.model),
          chat,
          asker.signal,
        );
        return { object: "response.input_tokens", input_tokens };
      } catch (error) {
        throw responseProblem(error);
      }
    },
  );
};
