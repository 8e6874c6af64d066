import type { ArgumentsSchema, Tool } from "../tools/tool.ts";

/** A call as the OpenAI API writes it: the arguments are JSON in a text. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface ImagePart {
  readonly type: "image";
}
export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string | readonly (ImagePart | TextPart)[] | null;
  readonly tool_calls?: readonly ToolCall[];
  /** Of a tool's message: the call that it answers. */
  readonly tool_call_id?: string;
}

/** A function as the OpenAI API offers it to a model. */
export interface ToolSpec {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: ArgumentsSchema;
    readonly strict: true;
  };
}

export function toolSpec({ name, description, parameters }: Tool): ToolSpec {
  return { type: "function", function: { name, description, parameters, strict: true } };
}

/** Stands for a picture in a text: the model's features take its place. */
export const imageToken = "<image>";
export const startOfTurn = "<|im_start|>";
export const endOfTurn = "<|im_end|>";
export const endOfText = "<|endoftext|>";

/** Tokens with the ids 0, 1, 2, ...; those that are not special stay in decoded text. */
export const reservedTokens: readonly { content: string; special: boolean }[] = [
  ...[endOfText, startOfTurn, endOfTurn, imageToken].map((content) => ({ content, special: true })),
  ...[
    "<tools>",
    "</tools>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
  ].map((content) => ({ content, special: false })),
];

/**
 * The Jinja template of the tokenizer's configuration: ChatML turns; functions as lines of JSON in
 * the system turn; calls and results as in Qwen's and Hermes' models, with JSON without spaces.
 */
export const chatTemplate: string = [
  `{%- set compact = [',', ':'] -%}`,
  `{%- if tools or (messages and messages[0].role == 'system') -%}`,
  `{{- '<|im_start|>system\\n' -}}`,
  `{%- if messages[0].role == 'system' -%}{{- messages[0].content -}}{%- endif -%}`,
  `{%- if tools -%}`,
  `{%- if messages[0].role == 'system' -%}{{- '\\n' -}}{%- endif -%}`,
  `{{- '<tools>\\n' -}}`,
  `{%- for tool in tools -%}`,
  `{%- set offered = tool.function if tool.function is defined else tool -%}`,
  `{{- '{"name":' + (offered.name | tojson) + ',"description":' + ((offered.description or '') | tojson) -}}`,
  `{{- ',"parameters":' + ((offered.parameters or {}) | tojson(separators=compact)) + '}\\n' -}}`,
  `{%- endfor -%}`,
  `{{- '</tools>' -}}`,
  `{%- endif -%}`,
  `{{- '<|im_end|>\\n' -}}`,
  `{%- endif -%}`,
  `{%- for message in messages -%}`,
  `{%- if not (loop.first and message.role == 'system') -%}`,
  `{{- '<|im_start|>' + ('user' if message.role == 'tool' else message.role) + '\\n' -}}`,
  `{%- if message.role == 'tool' -%}{{- '<tool_response>\\n' -}}{%- endif -%}`,
  `{%- if message.content is string -%}{{- message.content -}}`,
  `{%- elif message.content -%}`,
  `{%- for part in message.content -%}`,
  `{%- if part.type == 'text' -%}{{- part.text -}}{%- else -%}{{- '<image>' -}}{%- endif -%}`,
  `{%- endfor -%}`,
  `{%- endif -%}`,
  `{%- if message.role == 'tool' -%}{{- '\\n</tool_response>' -}}{%- endif -%}`,
  `{%- for call in (message.tool_calls or []) -%}`,
  `{%- set called = call.function if call.function is defined else call -%}`,
  `{%- if not loop.first or message.content -%}{{- '\\n' -}}{%- endif -%}`,
  `{{- '<tool_call>\\n{"name":' + (called.name | tojson) + ',"arguments":' -}}`,
  `{%- if called.arguments is string -%}{{- called.arguments -}}`,
  `{%- else -%}{{- called.arguments | tojson(separators=compact) -}}{%- endif -%}`,
  `{{- '}\\n</tool_call>' -}}`,
  `{%- endfor -%}`,
  `{{- '<|im_end|>\\n' -}}`,
  `{%- endif -%}`,
  `{%- endfor -%}`,
  `{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}`,
].join("");

export interface RenderOptions {
  readonly tools?: readonly ToolSpec[];
  /** Ends with the beginning of an assistant's turn. */
  readonly addGenerationPrompt?: boolean;
}

/** What `chatTemplate` makes of messages; written out, since whole corpora are rendered. */
export function renderChat(
  messages: readonly ChatMessage[],
  { tools = [], addGenerationPrompt = false }: RenderOptions = {},
): string {
  const [first] = messages;
  const system = first?.role === "system" ? [textOf(first)] : [];
  const offered = tools.length === 0 ? [] : [`<tools>\n${tools.map(offer).join("")}</tools>`];
  const head = [...system, ...offered];
  const turns = messages.slice(system.length).map(renderTurn);
  if (head.length > 0) turns.unshift(turn("system", head.join("\n")));
  if (addGenerationPrompt) turns.push(`${startOfTurn}assistant\n`);
  return turns.join("");
}

function offer({ function: { name, description, parameters } }: ToolSpec): string {
  return `${JSON.stringify({ name, description, parameters })}\n`;
}

function renderTurn(message: ChatMessage): string {
  const content = textOf(message);
  if (message.role === "tool") {
    return turn("user", `<tool_response>\n${content}\n</tool_response>`);
  }
  const calls = (message.tool_calls ?? []).map(
    ({ function: called }) =>
      `<tool_call>\n{"name":${JSON.stringify(called.name)},"arguments":${called.arguments}}\n</tool_call>`,
  );
  return turn(message.role, [...(content === "" ? [] : [content]), ...calls].join("\n"));
}

function turn(role: string, content: string): string {
  return `${startOfTurn}${role}\n${content}${endOfTurn}\n`;
}

function textOf({ content }: ChatMessage): string {
  if (content === null || typeof content === "string") return content ?? "";
  return content.map((part) => (part.type === "text" ? part.text : imageToken)).join("");
}
