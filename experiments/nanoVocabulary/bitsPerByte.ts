import {
  DecodeEngine,
  documentAt,
  readDecoderConfig,
  type DecoderWeights,
  type TokenDocuments,
  type Tokenizer,
} from "seedbed";

import { chooseItems } from "../nano/evaluation/chooseItems.ts";
import { predictions } from "../nano/evaluation/perplexity.ts";

export interface BitsPerByteOptions {
  readonly set: "prose" | "chat";
  /** Longest piece that is read at once. */
  readonly length: number;
  /** Most documents; null: all. */
  readonly documents: number | null;
  readonly signal: AbortSignal;
}

/** Texts of the test, as one tokenizer writes them. */
export type EncodedTest = Readonly<
  Record<"prose" | "chat", { readonly test: TokenDocuments }> & { readonly tokenizer: Tokenizer }
>;

/**
 * Cross entropy of what is to be learnt in the test, for each byte of it: the same measure for models
 * whose vocabularies differ.
 */
export async function bitsPerByte(
  { config, tensors }: DecoderWeights,
  data: EncodedTest,
  { set, length, documents: limit, signal }: BitsPerByteOptions,
): Promise<number> {
  const documents = data[set].test;
  const engine = new DecodeEngine({ config: readDecoderConfig(config), weights: tensors, rows: 1 });
  try {
    // Dialogues are learnt without their rests.
    const rests = set === "prose";
    const { losses } = await predictions(engine, documents, { length, rests, limit, signal });
    const bits = losses.reduce((sum, loss) => sum + loss, 0) / Math.LN2;
    return bits / learntBytes(documents, data.tokenizer, limit, rests ? Infinity : length);
  } finally {
    await engine.dispose();
  }
}

/** Bytes of what is to be learnt in the first tokens of the documents that `predictions` looks at. */
function learntBytes(
  documents: TokenDocuments,
  tokenizer: Tokenizer,
  limit: number | null,
  length: number,
): number {
  const indices = Array.from(documents.ends, (_, i) => i);
  return chooseItems(indices, limit, String).reduce((sum, document) => {
    const { ids, learnt } = documentAt(documents, document);
    const said = Array.from(ids).filter((_, i) => i < length && learnt[i] === 1);
    return sum + Buffer.byteLength(tokenizer.decode(said, { keepSpecialTokens: true }));
  }, 0);
}
