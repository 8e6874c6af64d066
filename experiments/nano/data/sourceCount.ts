import type { Split } from "./split.ts";

/** How much of one source there is in a split. */
export interface SourceCount {
  readonly set: string;
  readonly split: Split;
  readonly source: string;
  readonly documents: number;
  readonly tokens: number;
  /** Tokens that a model is to say. */
  readonly learnt: number;
}
