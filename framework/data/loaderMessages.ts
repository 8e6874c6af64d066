import type { JsonValue } from "../base/json.ts";
import type { SentError } from "../base/sentError.ts";
import type { BatchAnswer } from "./batchPool.ts";
import type { Shard } from "./dataLoader.ts";

/** What a thread is started with. */
export interface LoaderSetup {
  /** Address of the module. */
  readonly module: string;
  /** Name of the export that makes the loader. */
  readonly factory: string;
  readonly options: JsonValue;
  /** The share of the loader that is asked for, if not all. */
  readonly shard?: Shard;
}

/** Asks a thread for a batch; it answers one at a time. */
export interface BatchRequest {
  readonly epoch: number;
  readonly index: number;
}

/** What a thread answers. */
export type LoaderMessage =
  /** The first answer. `length` is absent when the loader does not know it beforehand. */
  | { readonly kind: "ready"; readonly length?: number }
  | { readonly kind: "failed"; readonly error: SentError }
  | BatchAnswer;
