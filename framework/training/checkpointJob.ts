import { writeCheckpoint, type CheckpointTensors } from "./checkpoint.ts";
import type { CheckpointContent } from "./checkpointContent.ts";
import { writePointer, type CheckpointPointer } from "./checkpointFolder.ts";

/** Checkpoints to write at one occasion, with all that is to be in them; can be sent to a thread. */
export interface CheckpointJob {
  readonly checkpoints: readonly {
    readonly folder: string;
    readonly content: CheckpointContent;
    readonly tensors: Partial<CheckpointTensors>;
  }[];
  /** See `writeCheckpoint`. */
  readonly maxShardBytes: number;
  /** What is to be the last one, once all are durable. */
  readonly last?: { readonly folder: string; readonly pointer: CheckpointPointer };
}

export function carryOutJob({ checkpoints, maxShardBytes, last }: CheckpointJob): void {
  for (const { folder, content, tensors } of checkpoints) {
    writeCheckpoint(folder, content, tensors, maxShardBytes);
  }
  if (last) writePointer(last.folder, "last", last.pointer);
}
