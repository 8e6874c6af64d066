import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { isJsonObject, parseJson } from "seedbed";

/** What a model said to a task, in how many tokens. */
export interface StoredAnswer {
  readonly said: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of its tokens and its end, as the model thought of them. */
  readonly meanLogProbability: number;
  /** Whether it came to no end. */
  readonly isCut: boolean;
}

/** Answers of one model, each a line of a file: asking goes on where it was stopped. */
export class AnswerStore {
  readonly #file: string;
  readonly #answers = new Map<string, StoredAnswer>();

  /** @param file is made at the first answer */
  constructor(file: string) {
    this.#file = file;
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n")) {
      const entry = parseJson(line);
      if (!isJsonObject(entry)) continue; // empty, or not written whole
      const { key, ...answer }: StoredAnswer & { readonly key: string } = Object(entry);
      this.#answers.set(key, answer);
    }
  }

  get(key: string): StoredAnswer | undefined {
    return this.#answers.get(key);
  }

  add(key: string, answer: StoredAnswer): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    const isNew = !existsSync(this.#file);
    const start = isNew ? "" : "\n"; // ends a line that was not written whole
    appendFileSync(this.#file, `${start}${JSON.stringify({ key, ...answer })}`);
    this.#answers.set(key, answer);
  }
}
