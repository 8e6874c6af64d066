import type { JsonObject } from "../../base/json.ts";
import { ApiError } from "../apiError.ts";
import { count, flag, name, nullable, number, object, text, truncation } from "../bodySchema.ts";
import type { Truncation } from "../conversation/truncationReport.ts";
import type { RequestedItem } from "./responseItems.ts";

/** A function that a client offers; other kinds of tools have only a type that is known here. */
export interface ResponseTool {
  readonly type: string;
  readonly name: string;
  readonly description?: string | null;
  readonly parameters?: JsonObject | null;
  readonly strict?: boolean | null;
}

export type ResponseToolChoice =
  | "none"
  | "auto"
  | "required"
  | { readonly type: "function"; readonly name: string }
  | {
      readonly type: "allowed_tools";
      readonly mode: "auto" | "required";
      readonly tools: readonly { readonly type: string; readonly name?: string }[];
    };

export type TextFormat =
  | { readonly type: "text" | "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean | null;
    };

/** What a model is asked, of `POST /v1/responses` and `/v1/responses/input_tokens` alike. */
export interface ResponseInput {
  readonly model: string;
  readonly input?: string | readonly RequestedItem[] | null;
  readonly instructions?: string | null;
  readonly previous_response_id?: string | null;
  readonly tools?: readonly ResponseTool[] | null;
  readonly tool_choice?: ResponseToolChoice | null;
  readonly parallel_tool_calls?: boolean | null;
  readonly text?: {
    readonly format?: TextFormat | null;
    readonly verbosity?: string | null;
  } | null;
  readonly reasoning?: { readonly [key: string]: unknown } | null;
  /** OpenAI's API has `auto` and `disabled`. */
  readonly truncation?: Truncation | null;
}

/** Body of `POST /v1/responses`, as OpenAI's API has it. */
export interface ResponseRequest extends ResponseInput {
  readonly stream?: boolean | null;
  readonly background?: boolean | null;
  readonly store?: boolean | null;
  readonly include?: readonly string[] | null;
  readonly max_output_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_logprobs?: number | null;
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly user?: string | null;
  readonly safety_identifier?: string | null;
  readonly prompt_cache_key?: string | null;
}

const status = nullable({ enum: ["in_progress", "completed", "incomplete"] });
const parts = {
  type: "array",
  items: {
    ...{ type: "object", required: ["type"] },
    properties: { type: text, text, refusal: text, image_url: nullable(text) },
  },
};
const textOrParts = { if: text, else: parts };
const itemTypes: JsonObject = {
  message: object(
    {
      ...{ type: text, id: text, status, phase: nullable(text), content: textOrParts },
      role: { enum: ["user", "assistant", "system", "developer"] },
    },
    ["role", "content"],
  ),
  function_call: object(
    {
      ...{ type: text, id: nullable(text), status, call_id: text, name: text, arguments: text },
      ...{ caller: {}, namespace: {}, parsed_arguments: {} },
    },
    ["call_id", "name", "arguments"],
  ),
  function_call_output: object(
    { type: text, id: nullable(text), status, call_id: text, output: textOrParts, caller: {} },
    ["call_id", "output"],
  ),
  item_reference: object({ type: text, id: text }, ["id"]),
};
/** Items of other types are refused by their names, later on. */
const item: JsonObject = {
  type: "object",
  properties: { type: text },
  if: { required: ["type"] },
  then: {
    allOf: Object.entries(itemTypes).map(([type, schema]) => ({
      if: { properties: { type: { const: type } } },
      then: schema,
    })),
  },
  else: itemTypes["message"]!,
};

const offered = object(
  {
    ...{ type: text, name, description: nullable(text), strict: nullable(flag) },
    ...{ parameters: nullable({ type: "object" }), allowed_callers: {}, output_schema: {} },
    defer_loading: { const: false },
  },
  ["name"],
);
const tool: JsonObject = {
  ...{ type: "object", properties: { type: text }, required: ["type"] },
  if: { properties: { type: { const: "function" } } },
  then: offered,
};
const format: JsonObject = {
  ...{ type: "object", required: ["type"] },
  properties: { type: { enum: ["text", "json_object", "json_schema"] } },
  if: { properties: { type: { const: "json_schema" } } },
  then: object(
    { type: text, name, description: text, schema: { type: "object" }, strict: nullable(flag) },
    ["name", "schema"],
  ),
  else: object({ type: text }),
};

const allowedTools: JsonObject = {
  properties: {
    mode: { enum: ["auto", "required"] },
    tools: {
      type: "array",
      items: { type: "object", properties: { type: text, name: text }, required: ["type"] },
    },
  },
  required: ["mode", "tools"],
};

const inputFields: JsonObject = {
  model: text,
  input: { if: { type: ["string", "null"] }, else: { type: "array", items: item } },
  ...{ instructions: nullable(text), previous_response_id: nullable(text) },
  tools: nullable({ type: "array", maxItems: 128, items: tool }),
  tool_choice: {
    if: { type: ["string", "null"] },
    then: { enum: ["none", "auto", "required", null] },
    else: {
      ...{ type: "object", properties: { type: text }, required: ["type"] },
      allOf: [
        {
          if: { properties: { type: { const: "function" } } },
          then: { properties: { name: text }, required: ["name"] },
        },
        { if: { properties: { type: { const: "allowed_tools" } } }, then: allowedTools },
      ],
    },
  },
  parallel_tool_calls: nullable(flag),
  text: nullable(object({ format: nullable(format), verbosity: nullable(text) })),
  reasoning: nullable({ type: "object" }),
  truncation,
};

/** Fields of OpenAI's that cannot be followed here: refused by their names where they say anything. */
const unsupported = [
  ...["conversation", "prompt", "context_management", "moderation", "max_tool_calls"],
  ...["personality"],
];
const unsupportedFields = Object.fromEntries(unsupported.map((field) => [field, {}]));

/** JSON schema of what a model is asked. */
export const responseInputSchema: JsonObject = object({ ...inputFields, ...unsupportedFields }, [
  "model",
]);

/** JSON schema of `POST /v1/responses`. Ranges are those of OpenAI's specification, version 2.3.0. */
export const responseRequestSchema: JsonObject = object(
  {
    ...{ ...inputFields, ...unsupportedFields },
    ...{ stream: nullable(flag), background: nullable(flag), store: nullable(flag) },
    stream_options: nullable(object({ include_obfuscation: flag })),
    include: nullable({ type: "array", items: text }),
    ...{ max_output_tokens: count(1, 2 ** 31), top_logprobs: count(0, 20) },
    ...{ temperature: number(0, 2), top_p: number(0, 1) },
    metadata: nullable({
      ...{ type: "object", maxProperties: 16, propertyNames: { maxLength: 64 } },
      additionalProperties: { type: "string", maxLength: 512 },
    }),
    ...{ user: nullable(text), safety_identifier: nullable(text) },
    ...{ service_tier: nullable(text), prompt_cache_key: nullable(text) },
    ...{ prompt_cache_retention: {}, prompt_cache_options: {} },
  },
  ["model"],
);

/** What may be asked for beside an answer; most of it belongs to tools that are not here. */
const includable = [
  ...["message.output_text.logprobs", "message.input_image.image_url"],
  ...["reasoning.encrypted_content", "file_search_call.results", "web_search_call.results"],
  ...["web_search_call.action.sources", "code_interpreter_call.outputs"],
  "computer_call_output.output.image_url",
];

/** @throws {ApiError} naming what is OpenAI's, but not followed here */
export function checkSupported(request: ResponseInput & Partial<ResponseRequest>): void {
  const refuse = (what: string, param: string): never => {
    throw new ApiError(`${what} is not supported by this server.`, {
      ...{ param, code: "unsupported_parameter" },
    });
  };
  for (const [field, value] of Object.entries(request)) {
    if (unsupported.includes(field) && value !== null) refuse(`Parameter '${field}'`, field);
  }
  for (const [key, value] of Object.entries(request.reasoning ?? {})) {
    if (value !== null) refuse(`Parameter 'reasoning.${key}'`, `reasoning.${key}`);
  }
  const { verbosity } = request.text ?? {};
  if (verbosity && verbosity !== "medium")
    refuse(`A verbosity of '${verbosity}'`, "text.verbosity");
  for (const [i, { type }] of (request.tools ?? []).entries()) {
    if (type !== "function") refuse(`A tool of type '${type}'`, `tools[${i}].type`);
  }
  for (const [i, each] of (request.include ?? []).entries()) {
    if (!includable.includes(each)) refuse(`Including '${each}'`, `include[${i}]`);
  }
  checkToolChoice(request, refuse);
}

function checkToolChoice(
  { tool_choice: choice }: ResponseInput,
  refuse: (what: string, param: string) => never,
): void {
  if (typeof choice !== "object" || choice === null || choice.type === "function") return;
  if (choice.type !== "allowed_tools") {
    refuse(`A tool choice of type '${String(Object(choice).type)}'`, "tool_choice.type");
  }
  for (const { type } of choice.tools) {
    if (type !== "function") refuse(`A tool of type '${type}'`, "tool_choice.tools");
  }
}
