import { randomBytes } from "node:crypto";

import { answerChat, type ChatAnswer } from "../chat/chatAnswer.ts";
import { ChatChunks, completionBody, type ChatHead } from "../chat/chatBodies.ts";
import { chatRequestSchema, type ChatRequest } from "../chat/chatRequest.ts";
import { errorAnswer } from "../errorAnswer.ts";
import { sendEvents, type StreamEvent } from "../eventStream.ts";
import type { Route } from "../route.ts";

/** `POST /v1/chat/completions` */
export const chatCompletions: Route = (app, { serviceOf, askerOf, warn }) => {
  app.post<{ Body: ChatRequest }>(
    "/v1/chat/completions",
    { schema: { body: chatRequestSchema } },
    async (incoming, reply) => {
      const request = incoming.body;
      const service = serviceOf(request.model);
      const answer = await answerChat(service, request, askerOf(incoming, reply));
      const head = headOf(service.name);
      if (request.stream !== true) {
        const hasLogprobs = request.logprobs === true;
        const { usage, news } = answer;
        return completionBody(head, news, { count: request.n ?? 1, usage, hasLogprobs });
      }
      await sendEvents(reply, chunksOf(request, answer, head), (error) => ({
        data: JSON.stringify(errorAnswer(error, warn).body),
      }));
      return reply;
    },
  );
};

function headOf(model: string): ChatHead {
  return {
    id: `chatcmpl-${randomBytes(12).toString("hex")}`,
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: `fp_${model}`,
    newCallId: () => `call_${randomBytes(12).toString("hex")}`,
  };
}

async function* chunksOf(
  { n, stream_options: options }: ChatRequest,
  { news, usage }: ChatAnswer,
  head: ChatHead,
): AsyncIterable<StreamEvent> {
  const hasUsage = options?.include_usage === true;
  const chunks = new ChatChunks(head, hasUsage);
  const event = (chunk: object): StreamEvent => ({ data: JSON.stringify(chunk) });
  for (let choice = 0; choice < (n ?? 1); choice++) yield event(chunks.start(choice));
  for await (const each of news) yield* chunks.of(each).map(event);
  if (hasUsage) yield event(chunks.usage(usage));
  yield { data: "[DONE]" };
}
