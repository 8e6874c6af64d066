import { parseByteCount } from "../base/byteCount.ts";

/** How checkpoints are written. */
export interface CheckpointOptions {
  /**
   * Whether values are copied and a thread writes them while training goes on. `auto`: where they are
   * many, and there is memory for the copies.
   */
  readonly async: boolean | "auto";
  /** Tensors that are more than this, such as `5 GB`, are divided among files; null: never. */
  readonly maxShardSize: string | null;
}

export interface CheckpointSettings {
  readonly async: boolean | "auto";
  /** Infinity: one file. */
  readonly maxShardBytes: number;
}

/** @throws {RangeError} when the size cannot be read */
export function checkpointSettings({
  async = "auto",
  maxShardSize = null,
}: Partial<CheckpointOptions> = {}): CheckpointSettings {
  return { async, maxShardBytes: maxShardSize === null ? Infinity : parseByteCount(maxShardSize) };
}
