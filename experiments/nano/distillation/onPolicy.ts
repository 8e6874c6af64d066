import {
  DecodeEngine,
  generate,
  logitsProcessors,
  type DecoderConfig,
  type HostBatch,
  type HostTensor,
  type RandomStream,
} from "seedbed";

import { promptsOfRows, sampledRows } from "./sampledRows.ts";

export interface OnPolicySettings {
  /** Share of the batches that are the student's own. */
  share: number;
  /** Of what it says. */
  temperature: number;
  /** Most tokens that it adds to a text. */
  length: number;
  /** Tokens that begin a text of which all is learnt. */
  promptTokens: number;
}

/** Who says something. */
export interface Student {
  readonly config: DecoderConfig;
  /** As it is at that step. */
  readonly weights: () => Promise<ReadonlyMap<string, HostTensor>>;
}

export interface OnPolicyOptions extends OnPolicySettings {
  student: Student;
  /** Ends what is said. */
  stopTokens: readonly number[];
  padId: number;
}

/** Gives some batches what the student says in place of what the data say. */
export interface OnPolicyBatches {
  /** The same numbers and parameters give the same batch. */
  prepare(batch: HostBatch, random: RandomStream): Promise<HostBatch>;
  dispose(): Promise<void>;
}

/** Texts that are continued at a time. */
const rows = 8;

/**
 * Batches in which a student continues the texts of the data itself, so that it learns what to do
 * where its own words lead. It is asked as it is at that step.
 *
 * Source: Agarwal et al. 2024 (GKD), arXiv:2306.13649, algorithm 1.
 */
export function onPolicyBatches(options: OnPolicyOptions): OnPolicyBatches {
  const { student, share, temperature, length, promptTokens, stopTokens, padId } = options;
  /** Made when it is first needed; reads the parameters where they are. */
  let engine: DecodeEngine | undefined;
  return {
    async prepare(batch, random) {
      const [drawn, seed] = [random.uniform(), random.uint32()];
      if (drawn >= share) return { ...batch, compared: batch["labels"]! };
      const prompts = promptsOfRows(batch, promptTokens);
      const weights = await student.weights();
      const { config } = student;
      const capacity = (batch["ids"]!.shape[1] ?? 1) + length;
      engine ??= new DecodeEngine({ config, weights, rows, capacity, floatWeights: "bound" });
      await engine.useWeights(weights);
      const said = await generate(engine, {
        prompts: prompts.map(({ tokens }) => tokens),
        maxNewTokens: length,
        stopTokens,
        processors: [logitsProcessors.temperature(temperature)],
        seed,
      });
      const added = said.map(({ tokens, stopToken }) =>
        stopToken === undefined ? tokens : [...tokens, stopToken],
      );
      return sampledRows(batch, prompts, added, padId);
    },
    async dispose() {
      await engine?.dispose();
      engine = undefined;
    },
  };
}
