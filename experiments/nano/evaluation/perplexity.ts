import { documentAt, type DecodeEngine, type TokenDocuments } from "seedbed";

import { chooseItems } from "./chooseItems.ts";
import { likeliest } from "./likeliest.ts";

export interface PerplexityOptions {
  /** Longest piece that is read at once; longer documents are cut, as training's are. */
  readonly length: number;
  /** Whether what is left of a longer document is read too, as a document of its own; default true. */
  readonly rests?: boolean;
  /** Most documents; null: all. Default: null. */
  readonly limit?: number | null;
  readonly signal?: AbortSignal;
}

/** What a model thinks of tokens that are to be learnt, one number for each of them. */
export interface Predictions {
  /** Cross entropy, in nats. */
  readonly losses: readonly number[];
  /** The token that it thinks likeliest in each one's place. */
  readonly likeliest: readonly number[];
}

/** Predictions of all tokens that are to be learnt but the first of each piece, before which nothing stands. */
export async function predictions(
  engine: DecodeEngine,
  documents: TokenDocuments,
  { length, rests = true, limit = null, signal }: PerplexityOptions,
): Promise<Predictions> {
  const indices = Array.from(documents.ends, (_, i) => i);
  const losses: number[] = [];
  const likeliestTokens: number[] = [];
  for (const document of chooseItems(indices, limit, String)) {
    const { ids, learnt } = documentAt(documents, document);
    const all = Array.from(ids);
    const read = rests ? all.length : Math.min(length, all.length);
    for (let start = 0; start < read; start += length) {
      signal?.throwIfAborted();
      const piece = all.slice(start, start + length);
      const first = piece.findIndex((_, i) => i > 0 && learnt[start + i] === 1);
      if (first === -1) continue;
      await engine.reset(0);
      const logits = await engine.feed(0, piece, { logitsFrom: first - 1 });
      for (let i = first; i < piece.length; i++) {
        if (learnt[start + i] !== 1) continue;
        losses.push(crossEntropy(logits[i - first]!, piece[i]!));
        likeliestTokens.push(likeliest(logits[i - first]!));
      }
    }
  }
  return { losses, likeliest: likeliestTokens };
}

/**
 * Perplexity of a model: e to the mean cross entropy of what {@link predictions} looks at.
 *
 * @returns NaN where there is no such token
 */
export async function perplexity(
  engine: DecodeEngine,
  documents: TokenDocuments,
  options: PerplexityOptions,
): Promise<number> {
  return perplexityOf(await predictions(engine, documents, options));
}

export function perplexityOf({ losses }: Pick<Predictions, "losses">): number {
  return Math.exp(losses.reduce((sum, loss) => sum + loss, 0) / losses.length);
}

/** Of one token, in nats. */
export function crossEntropy(logits: Float32Array, token: number): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return Math.log(sum) + largest - logits[token]!;
}
