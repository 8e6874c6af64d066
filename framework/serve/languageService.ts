import { readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { Constraint } from "../constrained/constraint.ts";
import { ConstraintError } from "../constrained/constraintError.ts";
import { constrainedVocabulary, type ConstrainedVocabulary } from "../constrained/vocabulary.ts";
import { DecodeEngine, type DecodeEngineOptions } from "../decode/decodeEngine.ts";
import { Scheduler } from "../decode/generation/scheduler.ts";
import { PrefixCache } from "../decode/prefixCache.ts";
import { quantizedEngineOptions } from "../decode/quantization/quantizeDecoder.ts";
import { isQuantizedFolder, readQuantizedFolder } from "../decode/quantization/quantizedFolder.ts";
import { readDecoderConfig } from "../models/decoderConfig.ts";
import { loadChatTemplate, type ChatTemplate } from "../tokenizers/chatTemplate.ts";
import { loadTokenizer } from "../tokenizers/loadTokenizer.ts";
import { tokenBytes } from "../tokenizers/tokenBytes.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { readModelFolder } from "../weights/modelFolder.ts";
import type { ChatConstraint } from "./chat/chatConstraint.ts";

export interface LanguageServiceOptions {
  /** What clients call the model. */
  readonly name: string;
  /** Texts at a time. Default: 16. */
  readonly rows?: number;
  /** Most texts of one owner that wait for a row. Default: 64. */
  readonly mostWaiting?: number;
  /** Memory for beginnings of texts that were computed before, in bytes. Default: 256 MiB. */
  readonly prefixBytes?: number;
  /** Of the processor. Default: ONNX Runtime's own. */
  readonly threads?: number;
}

/** Constraints that are kept for requests to come. */
const mostConstraints = 64;

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
  /** Most tokens of a prompt and its answer. */
  readonly window: number;
  readonly #engine: DecodeEngine;
  readonly #constraints = new Map<string, Constraint>();

  private constructor(
    folder: string,
    engine: DecodeEngine,
    { name, mostWaiting = 64, prefixBytes = 2 ** 28 }: LanguageServiceOptions,
  ) {
    this.name = name;
    this.tokenizer = loadTokenizer(folder);
    const template = loadChatTemplate(folder);
    if (!template) {
      throw new InputError(
        `Cannot serve ${folder}: expected a chat template in tokenizer_config.json or chat_template.jinja, got none`,
      );
    }
    this.template = template;
    const content: object = JSON.parse(readFileSync(path.join(folder, "tokenizer.json"), "utf8"));
    this.vocabulary = constrainedVocabulary(tokenBytes(content));
    this.endTokens = this.tokenizer.ids.end === undefined ? [] : [this.tokenizer.ids.end];
    this.window = engine.capacity;
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
    const { rows = 16, threads } = options;
    const own = { ...engineOptionsOf(folder), rows, ...(threads && { threads }) };
    return new LanguageService(folder, new DecodeEngine(own), options);
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
    const known = this.#constraints.get(key);
    const constraint = known ?? new Constraint(this.vocabulary, build);
    this.#constraints.delete(key);
    this.#constraints.set(key, constraint); // the last used is the last one to go
    if (this.#constraints.size > mostConstraints) {
      const [oldest] = this.#constraints.keys();
      this.#constraints.delete(oldest!);
    }
    return constraint;
  }

  /** Ends when all answers that are under way have. */
  async close(): Promise<void> {
    await this.scheduler.close();
    await this.#engine.dispose();
  }
}

function engineOptionsOf(folder: string): DecodeEngineOptions {
  if (isQuantizedFolder(folder)) return quantizedEngineOptions(readQuantizedFolder(folder));
  const { config, tensors } = readModelFolder(folder);
  return { config: readDecoderConfig(config), weights: tensors };
}
