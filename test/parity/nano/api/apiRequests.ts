/** @file What our server is asked to get answers of the kinds that were recorded. */
import type { ErrorBody } from "../../../../framework/serve/apiError.ts";
import type { NanoFolder } from "../nanoFolder.ts";
import type { ChatBody, OutputItem, ResponseEvent } from "./answerBodies.ts";
import { joinedCalls } from "./joinedMessages.ts";
import { bodyOf, isStreamed, recordedEvents, type Transcript } from "./transcripts.ts";

const input = "What is the capital of France?";

/** A request without anything special. */
export const chatRequest: object = { messages: [{ role: "user", content: input }], temperature: 0 };
export const responseRequest: object = { input, store: false };

/** How a recorded answer ends, and the functions that it calls. */
interface Ending {
  readonly kind: "whole" | "cut" | "calls";
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

export const isResponse = ({ path }: Transcript): boolean => path.endsWith("/responses");

/** What was recorded to be asked for, with the tools that are called where it leaves them out. */
export function recordedRequest(folder: NanoFolder, transcript: Transcript): object {
  const { kind, calls } = endingOf(folder, transcript);
  const base = isResponse(transcript) ? responseRequest : chatRequest;
  return {
    ...base,
    ...(kind === "calls" && { tools: toolsFor(transcript, calls) }),
    ...transcript.requestExtra,
  };
}

/** The same, with what makes a text of chance end, or be cut, or call, as the recorded one. */
export function requestFor(folder: NanoFolder, transcript: Transcript): object {
  const recorded = recordedRequest(folder, transcript);
  const { kind, calls } = endingOf(folder, transcript);
  if (kind === "cut") {
    return {
      ...recorded,
      ...(isResponse(transcript) ? { max_output_tokens: 2 } : { max_tokens: 2 }),
    };
  }
  if (kind === "calls") {
    return { ...recorded, tools: toolsFor(transcript, calls), tool_choice: "required" };
  }
  if (isResponse(transcript))
    return { ...recorded, text: { format: { ...form, type: "json_schema" } } };
  return { response_format: { type: "json_schema", json_schema: form }, ...recorded };
}

/** What a text of chance alone is to be: it comes to its end. */
const form = {
  name: "ev",
  strict: true,
  schema: {
    ...{ type: "object", required: ["a"], additionalProperties: false },
    properties: { a: { type: "integer", enum: [7] } },
  },
};

function endingOf(folder: NanoFolder, transcript: Transcript): Ending {
  if (isResponse(transcript)) return endingOfResponse(folder, transcript);
  const bodies = isStreamed(transcript)
    ? recordedEvents(folder, transcript).flatMap(({ data }): ChatBody[] =>
        data ? [Object(data)] : [],
      )
    : [Object(bodyOf(folder, transcript))];
  const choices = bodies.flatMap((body) => body.choices ?? []);
  const joined = joinedCalls(
    choices.flatMap(({ delta, message }) => (delta ?? message)?.tool_calls ?? []),
  );
  const isCut = choices.some((choice) => choice.finish_reason === "length");
  return { kind: joined.length > 0 ? "calls" : isCut ? "cut" : "whole", calls: joined };
}

function endingOfResponse(folder: NanoFolder, transcript: Transcript): Ending {
  const whole: unknown = isStreamed(transcript)
    ? recordedEvents(folder, transcript)
        .flatMap(({ data }): ResponseEvent[] => (data ? [Object(data)] : []))
        .findLast(({ response }) => response !== undefined)!.response
    : bodyOf(folder, transcript);
  const { status, output }: { status: string; output: readonly OutputItem[] } = Object(whole);
  const calls = output
    .filter(({ type }) => type === "function_call")
    .map((item) => ({ name: item.name!, arguments: item.arguments! }));
  const isCut = status === "incomplete";
  return { kind: calls.length > 0 ? "calls" : isCut ? "cut" : "whole", calls };
}

interface Tool {
  readonly type: string;
  readonly name?: string;
  readonly function?: object;
}

/** Functions that take the recorded arguments alone, for those of chance have no end. */
function toolsFor(transcript: Transcript, calls: Ending["calls"]): object[] {
  const { tools: recorded }: { tools?: readonly Tool[] } = transcript.requestExtra;
  const functions: readonly object[] =
    recorded?.map((tool) => tool.function ?? tool) ??
    [...new Set(calls.map(({ name }) => name))].map((name) => ({ name, strict: true }));
  return functions.map((each) => {
    const limited = { ...each, parameters: limitedTo(calls, each) };
    return isResponse(transcript)
      ? { type: "function", ...limited }
      : { type: "function", function: limited };
  });
}

function limitedTo(calls: Ending["calls"], called: object): object {
  const { name, parameters }: { name?: string; parameters?: object } = called;
  const given: object[] = calls
    .filter((call) => call.name === name)
    .map((call) => JSON.parse(call.arguments));
  const keys = [...new Set(given.flatMap((each) => Object.keys(each)))];
  const recorded: Readonly<Record<string, object>> = Object(parameters)["properties"] ?? {};
  const properties = keys.map((key) => [
    key,
    {
      ...(recorded[key] ?? { type: "string" }),
      enum: [...new Set(given.map((each): unknown => Object(each)[key]))],
    },
  ]);
  return {
    ...{ type: "object", required: keys, additionalProperties: false },
    ...parameters,
    properties: Object.fromEntries(properties),
  };
}

/** A chat that is refused for a recorded reason; undefined where a key is the reason. */
export function refusedRequest({ error: { code, message } }: ErrorBody): object | undefined {
  if (code === "context_length_exceeded") {
    return { ...chatRequest, messages: [{ role: "user", content: "x y ".repeat(999) }] };
  }
  if (code === "invalid_json_schema") {
    const name = /'(\w+)'/.exec(message)?.[1];
    const json_schema = { name, strict: true, schema: { type: "object", properties: {} } };
    return { ...chatRequest, response_format: { type: "json_schema", json_schema } };
  }
  if (code === "model_not_found") return { ...chatRequest, model: /`(.*?)`/.exec(message)?.[1] };
  return undefined;
}
