import type { JsonObject } from "../../base/json.ts";
import { count, flag, name, nullable, number, object, text, truncation } from "../bodySchema.ts";
import type { Truncation } from "../conversation/truncationReport.ts";
import type { PicturePart } from "../pictures/pictureReader.ts";

/** A function that a client offers. */
export interface OfferedFunction {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly strict?: boolean | null;
}

export interface OfferedTool {
  readonly type: "function";
  readonly function: OfferedFunction;
}

/** A part of a message; other types than these two are refused by name. */
export interface ContentPart {
  readonly type: string;
  /** Of a part of type `text`. */
  readonly text?: string;
  /** Of a part of type `image_url`. */
  readonly image_url?: PicturePart["image_url"];
}

export interface RequestedMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content?: string | readonly ContentPart[] | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly tool_call_id?: string;
}

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        readonly name: string;
        readonly schema?: JsonObject;
        readonly strict?: boolean | null;
      };
    };

export type ToolChoice =
  | "none"
  | "auto"
  | "required"
  | { readonly type: "function"; readonly function: { readonly name: string } }
  | {
      readonly type: "allowed_tools";
      readonly allowed_tools: {
        readonly mode: "auto" | "required";
        readonly tools: readonly { readonly function: { readonly name: string } }[];
      };
    };

/** Body of `POST /v1/chat/completions`, as OpenAI's API has it. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly RequestedMessage[];
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly n?: number | null;
  readonly seed?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly presence_penalty?: number | null;
  readonly frequency_penalty?: number | null;
  readonly logit_bias?: Readonly<Record<string, number>> | null;
  readonly logprobs?: boolean | null;
  readonly top_logprobs?: number | null;
  readonly response_format?: ResponseFormat;
  readonly tools?: readonly OfferedTool[];
  readonly tool_choice?: ToolChoice;
  readonly parallel_tool_calls?: boolean;
  /** Not OpenAI's here: what is done with conversations that are too long. Default: `disabled`. */
  readonly truncation?: Truncation | null;
  /** Not OpenAI's: a text of a pattern, or one of some; as vLLM has them. */
  readonly structured_outputs?: { readonly regex?: string; readonly choice?: readonly string[] };
  /** Not OpenAI's: most dollars that the answer may cost, when a router chooses who answers. */
  readonly routing?: { readonly budget?: number };
}

const picture = object(
  { url: { type: "string", minLength: 1 }, detail: { enum: ["auto", "low", "high"] } },
  ["url"],
);
const ofType = (type: string, properties: JsonObject): JsonObject => ({
  if: { properties: { type: { const: type } } },
  then: object({ type: text, ...properties }, Object.keys(properties)),
});
const part: JsonObject = {
  type: "object",
  properties: { type: text },
  required: ["type"],
  allOf: [ofType("text", { text }), ofType("image_url", { image_url: picture })],
};

const called = object({ name: text, arguments: text }, ["name", "arguments"]);
const message = object(
  {
    role: { enum: ["system", "developer", "user", "assistant", "tool"] },
    // Not anyOf: errors would be about all of the alternatives.
    content: {
      if: { type: "array" },
      then: { type: "array", minItems: 1, items: part },
      else: nullable(text),
    },
    name: text,
    refusal: nullable(text),
    annotations: { type: "array" },
    tool_call_id: text,
    tool_calls: {
      type: "array",
      minItems: 1,
      items: object({ id: text, type: { const: "function" }, function: called, index: {} }, [
        ...["id", "type", "function"],
      ]),
    },
  },
  ["role"],
);

const offered = object(
  { name, description: text, parameters: { type: "object" }, strict: nullable(flag) },
  ["name"],
);

const named = object({ type: { const: "function" }, function: object({ name: text }, ["name"]) }, [
  ...["type", "function"],
]);

/** Fields that change nothing of what is said here. */
const unused: JsonObject = {
  ...{ user: text, metadata: nullable({ type: "object" }), store: nullable(flag) },
  ...{ service_tier: nullable(text), safety_identifier: text, prompt_cache_key: text },
  modalities: nullable({ const: ["text"] }),
};

/** JSON schema of a request's body. Ranges are those of OpenAI's specification, version 2.3.0. */
export const chatRequestSchema: JsonObject = object(
  {
    model: text,
    messages: { type: "array", minItems: 1, items: message },
    stream: nullable(flag),
    stream_options: nullable(object({ include_usage: flag, include_obfuscation: flag })),
    max_tokens: count(1, 2 ** 31),
    max_completion_tokens: count(1, 2 ** 31),
    ...{ temperature: number(0, 2), top_p: number(0, 1), n: count(1, 128) },
    seed: nullable({ type: "integer" }),
    stop: nullable({
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "array", minItems: 1, maxItems: 4, items: { type: "string", minLength: 1 } },
      ],
    }),
    ...{ presence_penalty: number(-2, 2), frequency_penalty: number(-2, 2) },
    logit_bias: nullable({
      type: "object",
      propertyNames: { pattern: "^[0-9]+$" },
      additionalProperties: { type: "number", minimum: -100, maximum: 100 },
    }),
    ...{ logprobs: nullable(flag), top_logprobs: count(0, 20) },
    response_format: {
      anyOf: [
        object({ type: { enum: ["text", "json_object"] } }, ["type"]),
        object(
          {
            type: { const: "json_schema" },
            json_schema: object(
              { name, description: text, schema: { type: "object" }, strict: nullable(flag) },
              ["name"],
            ),
          },
          ["type", "json_schema"],
        ),
      ],
    },
    tools: {
      type: "array",
      minItems: 1,
      maxItems: 128,
      items: object({ type: { const: "function" }, function: offered }, ["type", "function"]),
    },
    tool_choice: {
      anyOf: [
        { enum: ["none", "auto", "required"] },
        named,
        object(
          {
            type: { const: "allowed_tools" },
            allowed_tools: object(
              { mode: { enum: ["auto", "required"] }, tools: { type: "array", items: named } },
              ["mode", "tools"],
            ),
          },
          ["type", "allowed_tools"],
        ),
      ],
    },
    parallel_tool_calls: flag,
    truncation,
    structured_outputs: object({
      regex: text,
      choice: { type: "array", minItems: 1, items: text },
    }),
    routing: object({ budget: { type: "number", exclusiveMinimum: 0 } }),
    ...unused,
  },
  ["model", "messages"],
);
