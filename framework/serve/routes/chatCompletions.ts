import { randomBytes } from "node:crypto";

import { ChatChunks, completionBody, type ChatHead } from "../chat/chatBodies.ts";
import { chatRequestSchema, type ChatRequest } from "../chat/chatRequest.ts";
import { reportBody, reportHeaders } from "../conversation/truncationReport.ts";
import { errorEvent } from "../errorAnswer.ts";
import { sendEvents, type StreamEvent } from "../eventStream.ts";
import type { Route } from "../route.ts";
import type { RoutedAnswer } from "../routing/dispatcher.ts";

/** `POST /v1/chat/completions` */
export const chatCompletions: Route = (app, { dispatcher, askerOf, warn }) => {
  app.post<{ Body: ChatRequest }>(
    "/v1/chat/completions",
    { schema: { body: chatRequestSchema } },
    async (incoming, reply) => {
      const request = incoming.body;
      const answer = await dispatcher.answer(request, askerOf(incoming, reply));
      const { receipt, usage, news, truncation } = answer;
      reply.headers(reportHeaders(truncation));
      const head = headOf(receipt.model);
      if (request.stream !== true) {
        const hasLogprobs = request.logprobs === true;
        const body = await completionBody(head, news, {
          count: request.n ?? 1,
          usage,
          hasLogprobs,
        });
        reply.headers(receipt.wholeHeaders());
        return { ...body, ...receipt.body(), ...reportBody(truncation) };
      }
      reply.headers(receipt.headers());
      await sendEvents(reply, chunksOf(request, answer, head), errorEvent(warn));
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
  { news, usage, receipt, truncation }: RoutedAnswer,
  head: ChatHead,
): AsyncIterable<StreamEvent> {
  const hasUsage = options?.include_usage === true;
  const chunks = new ChatChunks(head, hasUsage);
  const event = (chunk: object): StreamEvent => ({ data: JSON.stringify(chunk) });
  let open = n ?? 1;
  for (let choice = 0; choice < open; choice++) {
    yield event({ ...chunks.start(choice), ...(choice === 0 && reportBody(truncation)) });
  }
  for await (const each of news) {
    if (each.finish) open--;
    const told = chunks.of(each);
    const last = told.pop();
    yield* told.map(event);
    if (last) yield event(open === 0 && !hasUsage ? { ...last, ...receipt.body() } : last);
  }
  if (hasUsage) yield event({ ...chunks.usage(usage), ...receipt.body() });
  yield { data: "[DONE]" };
}
