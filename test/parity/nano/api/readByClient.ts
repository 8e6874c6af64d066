import { expect } from "chai";
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "openai";

import type { ErrorBody } from "../../../../framework/serve/apiError.ts";
import type { NanoFolder } from "../nanoFolder.ts";
import type { ResponseBody, ResponseEvent } from "./answerBodies.ts";
import { chatRequest, responseRequest } from "./apiRequests.ts";
import { inPieces } from "./inPieces.ts";
import { joinedMessages } from "./joinedMessages.ts";
import { bodyOf, bytesOf, isStreamed, recordedEvents, type Transcript } from "./transcripts.ts";

/** What the official client throws for each status; 200 is that of a stream that fails. */
const classes: Readonly<Record<number, new (...args: never[]) => Error>> = {
  200: APIError,
  400: BadRequestError,
  401: AuthenticationError,
  404: NotFoundError,
  429: RateLimitError,
};

/** The official client understands a recorded answer as we do. */
export async function readByClient(folder: NanoFolder, transcript: Transcript): Promise<void> {
  const read = await readAnswer(folder, transcript).catch((error: unknown) => error);
  const recorded = lastOf(folder, transcript);
  if (isErrorBody(recorded)) expectError(read, recorded, transcript);
  else if (read instanceof Error) throw read;
  else expectRead(JSON.parse(JSON.stringify(read)), folder, transcript);
}

/** A client that is answered what was recorded, asked through the helper that is meant for it. */
async function readAnswer(folder: NanoFolder, transcript: Transcript): Promise<unknown> {
  const { status, contentType, path } = transcript;
  const client = new OpenAI({
    ...{ apiKey: "none", maxRetries: 0 },
    fetch: async () =>
      new Response(inPieces(bytesOf(folder, transcript)), {
        status,
        headers: { "content-type": contentType },
      }),
  });
  const chat = { ...Object(chatRequest), model: "nano" };
  const response = { ...Object(responseRequest), model: "nano" };
  if (path.endsWith("/models")) return client.models.list();
  if (path.endsWith("/responses")) {
    if (!isStreamed(transcript)) return client.responses.create(response);
    return client.responses.stream(response).finalResponse();
  }
  if (!isStreamed(transcript)) return client.chat.completions.create(chat);
  return client.chat.completions.stream(chat).finalChatCompletion();
}

/** A body, or what the last event says. */
function lastOf(folder: NanoFolder, transcript: Transcript): object {
  if (!isStreamed(transcript)) return bodyOf(folder, transcript);
  return recordedEvents(folder, transcript).at(-1)!.data ?? {};
}

/** A response has an error, too, which is null. */
function isErrorBody(body: object): body is ErrorBody {
  return "error" in body && body.error !== null;
}

function expectError(read: unknown, { error }: ErrorBody, { status }: Transcript): void {
  expect(read).to.be.instanceOf(classes[status]!);
  const { code, param, type, message }: Record<string, unknown> = Object(read);
  expect({ code, param, type }).to.deep.equal({
    ...{ code: error.code, param: error.param, type: error.type },
  });
  expect(message).to.include(error.message);
  if (status !== 200) expect(read).to.have.property("status", status);
}

function responseOf(event: object): ResponseBody {
  const { response }: ResponseEvent = Object(event);
  return response!;
}

function expectRead(read: object, folder: NanoFolder, transcript: Transcript): void {
  const recorded = lastOf(folder, transcript);
  const { path, name } = transcript;
  if (path.endsWith("/models"))
    expect(read, name).to.have.deep.property("data", Object(recorded).data);
  else if (!isStreamed(transcript)) expect(read, name).to.deep.include(recorded);
  else if (path.endsWith("/responses")) {
    const { output: _, ...response } = responseOf(recorded);
    expect(read, name).to.deep.include(response);
  } else {
    for (const { index, text, calls, finish } of joinedMessages(
      recordedEvents(folder, transcript),
    )) {
      const choice: Record<string, unknown> = Object(read).choices[index];
      const { content, tool_calls = [] }: Record<string, unknown> = Object(choice["message"]);
      const found = Array.from<object>(Object(tool_calls)).map((call) => {
        const { id, function: called }: Record<string, unknown> = Object(call);
        const { name: function_, arguments: given }: Record<string, unknown> = Object(called);
        return { id, name: function_, arguments: given };
      });
      expect([content ?? "", found, choice["finish_reason"]], name).to.deep.equal([
        text,
        calls,
        finish,
      ]);
    }
  }
}
