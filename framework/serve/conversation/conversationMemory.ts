import { createHash } from "node:crypto";

import { RecentlyUsed } from "../../base/recentlyUsed.ts";

/** A summary of some units, and what it took. */
export interface Summary {
  readonly text: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What one model has found out about conversations, for their next turns. */
export class ConversationMemory {
  /** Tokens of units. */
  readonly #counts = new RecentlyUsed<number>(16_384);
  readonly #summaries = new RecentlyUsed<Promise<Summary>>(256);

  /** Tokens of a unit, which are counted once; its signature is all that they depend on. */
  async count(signature: unknown, count: () => Promise<number>): Promise<number> {
    const key = hashOf(signature);
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const counted = await count();
    this.#counts.set(key, counted);
    return counted;
  }

  /** A summary, which is made once; one that fails is made again. */
  async summary(
    key: string,
    make: () => Promise<Summary>,
  ): Promise<{ summary: Summary; isNew: boolean }> {
    const known = this.#summaries.get(key);
    if (known) return { summary: await known, isNew: false };
    const made = make();
    this.#summaries.set(key, made);
    made.catch(() => this.#summaries.delete(key));
    return { summary: await made, isNew: true };
  }
}

/** Names what a value says. */
export const hashOf = (...values: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(values)).digest("base64");
