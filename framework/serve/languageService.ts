import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { Constraint } from "../constrained/constraint.ts";
import { ConstraintCache } from "../constrained/constraintCache.ts";
import { ConstraintError } from "../constrained/constraintError.ts";
import { jsonOf } from "../constrained/texts.ts";
import { constrainedVocabulary, type ConstrainedVocabulary } from "../constrained/vocabulary.ts";
import { DecodeEngine, type DecodeEngineOptions } from "../decode/decodeEngine.ts";
import type { GenerationPrompt } from "../decode/generation/generation.ts";
import { Scheduler } from "../decode/generation/scheduler.ts";
import type { StreamingOptions } from "../decode/layerGroups.ts";
import { PrefixCache } from "../decode/prefixCache.ts";
import { quantizedEngineOptions } from "../decode/quantization/quantizeDecoder.ts";
import { isQuantizedFolder, readQuantizedFolder } from "../decode/quantization/quantizedFolder.ts";
import { readDecoderConfig } from "../models/decoderConfig.ts";
import { readIdefics3Config } from "../models/idefics3Config.ts";
import { BackgroundTokenizer } from "../tokenizers/backgroundTokenizer.ts";
import { loadChatTemplate, type ChatTemplate } from "../tokenizers/chatTemplate.ts";
import { openTokenizer } from "../tokenizers/loadTokenizer.ts";
import { longestTokenBytes, tokenBytes } from "../tokenizers/tokenBytes.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { readModelFolder } from "../weights/modelFolder.ts";
import type { ChatConstraint } from "./chat/chatConstraint.ts";
import type { ChatPrompt } from "./chat/chatPrompt.ts";
import { ConversationMemory } from "./conversation/conversationMemory.ts";
import { openSight, seesPictures } from "./pictures/openSight.ts";
import { PictureReader } from "./pictures/pictureReader.ts";
import type { TemplateMessage } from "./pictures/pictureTemplate.ts";
import type { ShownPicture } from "./pictures/shownPicture.ts";
import type { Sight } from "./pictures/sight.ts";

export interface LanguageServiceOptions {
  /** What clients call the model. */
  readonly name: string;
  /** Texts at a time. Default: 16. */
  readonly rows?: number;
  /** Most texts of one owner that wait for a row. Default: 64. */
  readonly mostWaiting?: number;
  /** Memory for beginnings of texts that were computed before, in bytes. Default: 256 MiB. */
  readonly prefixBytes?: number;
  /** Memory for pictures that were looked at before, in bytes. Default: 64 MiB. */
  readonly pictureBytes?: number;
  /** Memory for forms that were asked for before, in bytes. Default: 256 MiB. */
  readonly constraintBytes?: number;
  /** Whether texts may be longer than the window: then their first and last tokens are seen. */
  readonly isStreaming?: boolean;
  /** Of the processor. Default: ONNX Runtime's own. */
  readonly threads?: number;
  /** Seeds for requests that bring none, integers in [0, 2^32). Default: by chance. */
  readonly drawSeed?: () => number;
  /** Fetches pictures, for several models that may be asked the same. Default: one of its own. */
  readonly pictures?: PictureReader;
}

/** Largest form that may be asked for: making it keeps all others waiting. */
const mostFormCharacters = 2 ** 17;

/** A language model that answers many requests at a time. */
export class LanguageService {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly scheduler: Scheduler;
  readonly vocabulary: ConstrainedVocabulary;
  /** Tokens that end an answer. */
  readonly endTokens: readonly number[];
  /** Tokens that begin and end a call of a function, where there are any. */
  readonly callTokens: readonly number[];
  /** Most tokens of a prompt and its answer that are seen as a whole. */
  readonly window: number;
  /** Texts of more bytes have more tokens than the window. */
  readonly windowBytes: number;
  /** Fetches pictures of requests. */
  readonly pictures: PictureReader;
  /** How the model sees, if it does. */
  readonly sight: Sight | undefined;
  /** Whether texts may be longer than that, where a client asks for it. */
  readonly isEndless: boolean;
  /** Gives a seed to a request that brings none. */
  readonly drawSeed: () => number;
  /** What is known of conversations by now. */
  readonly conversations: ConversationMemory = new ConversationMemory();
  readonly #engine: DecodeEngine;
  readonly #texts: BackgroundTokenizer;
  readonly #constraints: ConstraintCache;

  private constructor(folder: string, engine: DecodeEngine, options: LanguageServiceOptions) {
    const { name, mostWaiting = 64, prefixBytes = 2 ** 28, constraintBytes = 2 ** 28 } = options;
    this.name = name;
    const opened = openTokenizer(folder);
    this.tokenizer = opened.tokenizer;
    this.#texts = new BackgroundTokenizer(opened);
    const template = loadChatTemplate(folder);
    if (!template) {
      throw new InputError(
        `Cannot serve ${folder}: expected a chat template in tokenizer_config.json or chat_template.jinja, got none`,
      );
    }
    this.template = template;
    this.drawSeed = options.drawSeed ?? (() => randomInt(2 ** 32 - 1));
    this.pictures = options.pictures ?? new PictureReader();
    this.sight = openSight(folder, {
      ...{ tokenizer: this.tokenizer, template },
      ...(options.pictureBytes !== undefined && { maxBytes: options.pictureBytes }),
    });
    const content: object = JSON.parse(readFileSync(path.join(folder, "tokenizer.json"), "utf8"));
    const headBytes = constraintBytes / 8;
    this.vocabulary = constrainedVocabulary(tokenBytes(content), { headBytes });
    const mostBytes = constraintBytes - headBytes;
    this.#constraints = new ConstraintCache(this.vocabulary, { mostBytes });
    this.endTokens = this.tokenizer.ids.end === undefined ? [] : [this.tokenizer.ids.end];
    this.callTokens = ["<tool_call>", "</tool_call>"].flatMap(
      (mark) => this.tokenizer.idOf(mark) ?? [],
    );
    this.isEndless = engine.capacity === Infinity;
    this.window = this.isEndless ? engine.config.max_position_embeddings : engine.capacity;
    this.windowBytes = this.window * longestTokenBytes(content);
    this.#engine = engine;
    const prefixes = new PrefixCache(engine, { maxBytes: prefixBytes });
    this.scheduler = new Scheduler(engine, { mostWaiting, prefixes });
  }

  /**
   * Opens a model: a folder as transformers has it, or as a quantization wrote it, with its tokenizer
   * and chat template.
   *
   * @throws {InputError} naming what is missing or damaged
   */
  static open(folder: string, options: LanguageServiceOptions): LanguageService {
    const { rows = 16, threads, isStreaming = false } = options;
    const model = engineOptionsOf(folder);
    const engine = new DecodeEngine({
      ...{ ...model, rows, ...(threads && { threads }) },
      ...(isStreaming && { streaming: streamingOf(model.config.max_position_embeddings) }),
    });
    return new LanguageService(folder, engine, options);
  }

  /**
   * What answers may be; equal constraints are built once.
   *
   * @throws {ConstraintError} for what cannot be followed
   */
  constraint({ key, build }: ChatConstraint): Constraint {
    if (key.length > mostFormCharacters) {
      throw new ConstraintError(
        `expected at most ${mostFormCharacters} characters that say what may be said, got ${key.length}`,
      );
    }
    return this.#constraints.get(key, build);
  }

  /** Makes what the first answer of a form would wait for. */
  prepareForms(): void {
    try {
      const text = new Constraint(this.vocabulary, jsonOf({ type: "string" })).begin();
      text.allowed(Infinity);
      const quote = this.vocabulary.entries.findIndex((bytes) => bytes?.join() === "34");
      text.add(quote).allowed(Infinity);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error; // whoever asks for a form is told
    }
  }

  /**
   * The tokens of a conversation. Others are answered while a long one is turned into tokens.
   *
   * @param pictures in their order
   * @param signal of who asks, as `BackgroundTokenizer.textIds` has it
   */
  async promptTokens(
    messages: readonly TemplateMessage[],
    tools: readonly object[],
    pictures: readonly ShownPicture[],
    signal?: AbortSignal,
  ): Promise<readonly number[]> {
    const pieces = this.sight
      ? this.sight.template.pieces(messages, tools, pictures)
      : [this.template.render(messages, { ...(tools.length > 0 && { tools }) })];
    return this.#texts.textIds(pieces, signal);
  }

  /** The tokens of a text, likewise. */
  textIds(text: string): Promise<readonly number[]> {
    return this.#texts.textIds([text]);
  }

  /**
   * What the engine is given of a prompt.
   *
   * @throws {ApiError} for pictures that cannot be decoded
   */
  async see({ tokens, pictures }: ChatPrompt): Promise<GenerationPrompt> {
    return this.sight && pictures.length > 0 ? this.sight.prompt(tokens, pictures) : { tokens };
  }

  /** Ends when all answers that are under way have. */
  async close(): Promise<void> {
    await this.scheduler.close();
    await this.#texts.close();
    await this.sight?.close();
    await this.#engine.dispose();
  }
}

/** All positions that a model knows; the first four tokens stay. Source: Xiao et al. 2023. */
const streamingOf = (positions: number): StreamingOptions => ({
  ...{ sinks: 4, window: positions - 4 },
});

/** Of a model that sees pictures, for its text. */
function engineOptionsOf(folder: string): DecodeEngineOptions {
  const takesEmbeddings = seesPictures(folder);
  if (isQuantizedFolder(folder)) {
    return { ...quantizedEngineOptions(readQuantizedFolder(folder)), takesEmbeddings };
  }
  const { config, tensors: weights } = readModelFolder(folder);
  if (!takesEmbeddings) return { config: readDecoderConfig(config), weights };
  const text = readDecoderConfig(readIdefics3Config(config).text_config);
  return { config: text, weights, prefix: "model.text_model", takesEmbeddings };
}
