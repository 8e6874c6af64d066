import {
  createLoader,
  createOptimizer,
  Decoder,
  packedDataset,
  tokenDocuments,
  type DataLoader,
  type TokenDocuments,
} from "seedbed";

export const tinyConfig: Readonly<Record<string, unknown>> = {
  architectures: ["LlamaForCausalLM"],
  vocab_size: 12,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 1,
  max_position_embeddings: 64,
  initializer_range: 0.4,
  tie_word_embeddings: true,
};

export const rowLength = 24;
export const endToken = 11;
export const padId = 0;

/** A teacher that knows its own mind, and a smaller student that knows nothing. */
export const teacherAndStudent = (): { teacher: Decoder; student: Decoder } => ({
  teacher: new Decoder(tinyConfig, { seed: 2 }),
  student: new Decoder(
    { ...tinyConfig, num_hidden_layers: 1, initializer_range: 0.05 },
    { seed: 3 },
  ),
});

/** Four dialogues of a prompt and an answer that is learnt, and a text of which all is. */
export const dialogues: TokenDocuments = tokenDocuments([
  ...[1, 3, 5, 7].map((first) => ({
    ids: [first, first + 1, 9, first, endToken],
    learnt: [0, 0, 0, 1, 1],
  })),
  { ids: [2, 4, 6, 8, 10, 2, 4, endToken] },
]);

export const dialogueLoader = (batchSize = 1): DataLoader =>
  createLoader({
    dataset: packedDataset(dialogues, { length: rowLength, padId }),
    batchSize,
    seed: 1,
  });

export const adamW = (): { optimizer: ReturnType<typeof createOptimizer> } => ({
  optimizer: createOptimizer({ name: "adamW", learningRate: 0.02, weightDecay: 0 }),
});
