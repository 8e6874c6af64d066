import { randomBytes } from "node:crypto";
import { once } from "node:events";

import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";

import { ApiError, type ErrorBody } from "./apiError.ts";
import { answerChat, type ChatAnswer } from "./chatAnswer.ts";
import { ChatChunks, completionBody, type ChatHead } from "./chatBodies.ts";
import { chatRequestSchema, type ChatRequest } from "./chatRequest.ts";
import type { LanguageService } from "./languageService.ts";

export interface ServerOptions {
  /** Models by their names. */
  readonly services: readonly LanguageService[];
  /** Largest body, in bytes. Default: 20 MiB. */
  readonly bodyLimit?: number;
  /** Told of errors that are no client's. */
  readonly warn: (line: string) => void;
}

/** An HTTP server that answers as OpenAI's API does: models, and chat completions. */
export function createServer({
  services,
  bodyLimit = 20 * 2 ** 20,
  warn,
}: ServerOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit,
    forceCloseConnections: "idle",
    requestTimeout: 60_000,
    genReqId: () => `req_${randomBytes(16).toString("hex")}`,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
  });
  const created = Math.floor(Date.now() / 1000);
  const modelBody = ({ name }: LanguageService): object => ({
    ...{ id: name, object: "model", created, owned_by: "local" },
  });
  const serviceOf = (name: string): LanguageService => {
    const service = services.find((each) => each.name === name);
    if (service) return service;
    throw new ApiError(`The model \`${name}\` does not exist or you do not have access to it.`, {
      status: 404,
      code: "model_not_found",
    });
  };
  app.addHook("preClose", async () => {
    // Connections whose last answer ends later would be kept open for the next request.
    const timer = setInterval(() => app.server.closeIdleConnections(), 50).unref();
    app.server.once("close", () => clearInterval(timer));
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const { status, body } = answerOf(error, warn);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(
      new ApiError(`Unknown request URL: ${request.method} ${request.url}.`, {
        ...{ status: 404, code: "unknown_url" },
      }).body,
    ),
  );
  app.get("/health", async () => ({ status: "ok" }));
  app.get("/v1/models", async () => ({ object: "list", data: services.map(modelBody) }));
  app.get<{ Params: { name: string } }>("/v1/models/:name", async ({ params }) =>
    modelBody(serviceOf(params.name)),
  );
  app.post<{ Body: ChatRequest }>(
    "/v1/chat/completions",
    { schema: { body: chatRequestSchema } },
    async ({ body: request }, reply) => {
      const service = serviceOf(request.model);
      const left = new AbortController();
      reply.raw.once("close", () => left.abort());
      const answer = answerChat(service, request, left.signal);
      const head = headOf(service.name);
      if (request.stream !== true) {
        const hasLogprobs = request.logprobs === true;
        const { usage, news } = answer;
        return completionBody(head, news, { count: request.n ?? 1, usage, hasLogprobs });
      }
      await streamAnswer(reply, request, answer, { head, warn });
      return reply;
    },
  );
  return app;
}

function headOf(model: string): ChatHead {
  return {
    id: `chatcmpl-${randomBytes(12).toString("hex")}`,
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: `fp_${model}`,
    newCallId: () => `call_${randomBytes(12).toString("hex")}`,
  };
}

/** Sends an answer event by event; an error in between is the last one. */
async function streamAnswer(
  reply: FastifyReply,
  { n, stream_options: options }: ChatRequest,
  { news, usage }: ChatAnswer,
  { head, warn }: { head: ChatHead; warn: (line: string) => void },
): Promise<void> {
  const hasUsage = options?.include_usage === true;
  const chunks = new ChatChunks(head, hasUsage);
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-request-id": String(reply.getHeader("x-request-id")),
  });
  const send = async (data: string): Promise<void> => {
    if (!raw.write(`data: ${data}\n\n`) && !raw.destroyed) {
      await Promise.race([once(raw, "drain"), once(raw, "close")]);
    }
  };
  try {
    for (let choice = 0; choice < (n ?? 1); choice++) {
      await send(JSON.stringify(chunks.start(choice)));
    }
    for await (const each of news) {
      for (const chunk of chunks.of(each)) await send(JSON.stringify(chunk));
      if (raw.destroyed) return;
    }
    if (hasUsage) await send(JSON.stringify(chunks.usage(usage)));
    await send("[DONE]");
  } catch (error) {
    if (!raw.destroyed) await send(JSON.stringify(answerOf(error, warn).body));
  } finally {
    raw.end();
  }
}

/** What a client is told of an error. */
function answerOf(
  error: unknown,
  warn: (line: string) => void,
): { status: number; body: ErrorBody } {
  if (error instanceof ApiError) return error;
  const { statusCode = 500, validation, message } = fieldsOf(error);
  if (validation) {
    const [first] = validation;
    const param = first?.instancePath
      .slice(1)
      .replaceAll(/\/(\d+)/g, "[$1]")
      .replaceAll("/", ".");
    return new ApiError(message, { ...(param && { param }) });
  }
  if (error instanceof Error && error.name === "AbortError") {
    return new ApiError("The client has left.", { status: 499, cause: error });
  }
  if (statusCode < 500) return new ApiError(message, { status: statusCode });
  warn(`Cannot answer a request: ${message}`);
  return new ApiError("The server had an error while processing your request.", {
    ...{ status: 500, type: "server_error" },
  });
}

/** What Fastify says of an error. */
function fieldsOf(error: unknown): Pick<FastifyError, "message"> & Partial<FastifyError> {
  const message = error instanceof Error ? error.message : String(error);
  return { ...(typeof error === "object" ? error : {}), message };
}
