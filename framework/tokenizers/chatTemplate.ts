import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { Template } from "@huggingface/jinja";

import { InputError } from "../base/errors.ts";

/** A turn of a conversation; templates may know other keys. */
export interface ChatMessage {
  readonly role: string;
  /** Text, or parts such as `{ type: "text", text }` and `{ type: "image" }`. */
  readonly content?: string | readonly object[] | null;
  readonly tool_calls?: readonly object[];
  readonly [key: string]: unknown;
}

export interface RenderChatOptions {
  /** Descriptions of functions that the model may call, as OpenAI's API has them. */
  tools?: readonly object[];
  /** End with what begins an answer. Default: true. */
  addGenerationPrompt?: boolean;
  /** Other variables of the template. */
  variables?: Readonly<Record<string, unknown>>;
}

/** Templates by name, of which `default` is for conversations and `tool_use` for those with tools. */
type Templates = ReadonlyMap<string, string>;

const templateFile = "chat_template.jinja";
const settingsFile = "tokenizer_config.json";

/** Writes a conversation as the text that a model was trained on. */
export class ChatTemplate {
  readonly #templates: ReadonlyMap<string, Template>;
  readonly #tokens: Readonly<Record<string, unknown>>;

  /**
   * @param source a Jinja template, or several by name
   * @param tokens what the template knows as `bos_token` and the like
   * @throws {InputError} when it is no template
   */
  constructor(source: string | Templates, tokens: Readonly<Record<string, unknown>> = {}) {
    const sources = typeof source === "string" ? new Map([["default", source]]) : source;
    this.#templates = new Map(
      Array.from(sources, ([name, text]) => [
        name,
        explained("Cannot read chat template", () => new Template(text)),
      ]),
    );
    this.#tokens = tokens;
  }

  /**
   * @returns the text, whose special tokens `Tokenizer.textIds` knows
   * @throws {InputError} with the template's own words when it refuses the conversation
   */
  render(
    messages: readonly ChatMessage[],
    { tools, addGenerationPrompt = true, variables = {} }: RenderChatOptions = {},
  ): string {
    const named = tools && this.#templates.get("tool_use");
    const template = named ?? this.#templates.get("default");
    if (!template) {
      throw new InputError(
        `Cannot write a conversation: expected a template named "default", got ${[...this.#templates.keys()].join(", ")}`,
      );
    }
    return explained("Cannot write the conversation", () =>
      template.render({
        ...this.#tokens,
        ...variables,
        messages,
        ...(tools && { tools }),
        add_generation_prompt: addGenerationPrompt,
      }),
    );
  }
}

/**
 * The template of a tokenizer folder: `chat_template.jinja`, or `chat_template` in
 * `tokenizer_config.json`.
 *
 * @returns undefined where there is none, as for models that were not trained on conversations
 * @throws {InputError} when files are corrupt
 */
export function loadChatTemplate(folder: string): ChatTemplate | undefined {
  const settings = readSettings(path.join(folder, settingsFile));
  const file = path.join(folder, templateFile);
  const source = existsSync(file)
    ? readFileSync(file, "utf8")
    : templatesOf(settings["chat_template"], folder);
  return source === undefined ? undefined : new ChatTemplate(source, specialTokens(settings));
}

function readSettings(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  const settings: unknown = explained(`Cannot read ${file}`, () =>
    JSON.parse(readFileSync(file, "utf8")),
  );
  return Object.fromEntries(Object.entries(Object(settings)));
}

/** One template as text, several as a list of names and templates. */
function templatesOf(value: unknown, folder: string): string | Templates | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  const entries = Array.isArray(value)
    ? value.map((each: unknown): [unknown, unknown] => [Object(each).name, Object(each).template])
    : [];
  const templates = new Map(entries.filter(isTemplate));
  if (templates.size > 0 && templates.size === entries.length) return templates;
  throw new InputError(
    `Cannot read ${path.join(folder, settingsFile)}: expected chat_template to be a text or a list of names and templates`,
  );
}

function isTemplate(entry: [unknown, unknown]): entry is [string, string] {
  return typeof entry[0] === "string" && typeof entry[1] === "string";
}

/** `bos_token` and the like, spelled as text or as an object with its `content`. */
function specialTokens(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  const tokens = Object.entries(settings).map(([key, value]): [string, unknown] => [
    key,
    typeof value === "object" ? Object(value).content : value,
  ]);
  const named = tokens.filter(
    (entry): entry is [string, string] =>
      entry[0].endsWith("_token") && typeof entry[1] === "string",
  );
  return Object.fromEntries(named);
}

function explained<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${what}: ${reason}`, { cause });
  }
}
