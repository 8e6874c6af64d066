/** @file Loaders that the tests of `workerLoader` make in its threads; made by hand, to start soon. */
import { appendFileSync } from "node:fs";

import { InputError } from "../../../framework/base/errors.ts";
import type { HostBatch } from "../../../framework/base/hostTensor.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";

const ids = (...values: number[]): HostBatch => ({
  id: { values: Int32Array.from(values), shape: [values.length] },
});

/** Ids 0, 1, 2 …, one in a batch, of unknown length: 5 in epoch 0, and one more in each epoch. */
export function streamed(): DataLoader {
  let length = Infinity;
  return {
    get length() {
      return length;
    },
    batch: async (_, index) => ids(index),
    async has(epoch, index) {
      if (index < 5 + epoch) return true;
      length = 5 + epoch;
      return false;
    },
  };
}

/** Writes a line to a file when a batch is begun. */
export function noted({ file }: { file: string }): DataLoader {
  return {
    length: 20,
    async batch(epoch, index) {
      appendFileSync(file, `${epoch}/${index}\n`);
      return ids(index);
    },
  };
}

/** Fails at index 1. */
export function failing(): DataLoader {
  return { length: 4, batch: (_, index) => (index === 1 ? failToDecode() : give(ids(index))) };
}

async function failToDecode(): Promise<HostBatch> {
  throw new InputError("picture 7 is torn");
}

const give = async (batch: HostBatch): Promise<HostBatch> => batch;

/** Ends its thread at index 1. */
export function exiting(): DataLoader {
  return { length: 4, batch: async (_, index) => (index === 1 ? process.exit(7) : ids(index)) };
}

/** Dies at index 1 of an error that nobody catches, and would never answer. */
export function crashing(): DataLoader {
  return {
    length: 4,
    batch(_, index) {
      if (index !== 1) return give(ids(index));
      setTimeout(() => {
        throw new Error("out of luck");
      });
      return new Promise(() => {});
    },
  };
}

/**
 * Looks at its memory. `part` is a part of a larger memory that is needed again, `twice` the memory
 * of `id`, `left` how many values the batch before has left in this thread. Index 3 gives the
 * arrays of the batch before once more.
 */
export function handing(): DataLoader {
  const memory = Float32Array.of(1, 2, 3, 4);
  let before: HostBatch = {};
  return {
    length: 4,
    async batch(_, index) {
      if (index === 3) return before;
      const left = before["id"]?.values.length ?? -1;
      const { id } = ids(index);
      before = {
        id: id!,
        twice: id!,
        left: { values: Int32Array.of(left), shape: [1] },
        part: { values: memory.subarray(index, index + 2), shape: [2] },
      };
      return before;
    },
  };
}

export function refusing(): DataLoader {
  throw new InputError("the folder is empty");
}

export const wrong = (): number => 3;
