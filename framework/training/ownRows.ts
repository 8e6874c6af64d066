import type { HostBatch, HostTensor } from "../base/hostTensor.ts";
import type { Shard } from "../data/dataLoader.ts";

/**
 * Lets `prepare` work on a batch of the length that all workers' batches have together, and takes
 * this worker's rows of what it gives. Random numbers that it draws along the batch are then those
 * that a single process would draw for these examples. This worker's examples stand in for the
 * others', which are not here.
 *
 * Row i of the whole batch belongs to rank `i % worldSize`, as in shares of loaders. Entries whose
 * first axis is not that of any entry of the batch, times the workers, are taken as they are.
 *
 * @param batch of this worker
 */
export async function onOwnRows(
  batch: HostBatch,
  { rank, worldSize }: Shard,
  prepare: (whole: HostBatch) => HostBatch | Promise<HostBatch>,
): Promise<HostBatch> {
  if (worldSize === 1) return prepare(batch);
  const lengths = new Set<number | undefined>();
  const whole = mapEntries(batch, (entry) => {
    const [rows] = entry.shape;
    if (rows === undefined) return entry;
    lengths.add(rows * worldSize);
    return rowsOf(entry, rows * worldSize, (row) => Math.floor(row / worldSize));
  });
  const prepared = await prepare(whole);
  return mapEntries(prepared, (entry, name) => {
    if (entry === whole[name]) return batch[name]!;
    const [rows] = entry.shape;
    if (rows === undefined || !lengths.has(rows)) return entry;
    return rowsOf(entry, rows / worldSize, (row) => row * worldSize + rank);
  });
}

function mapEntries(
  batch: HostBatch,
  map: (entry: HostTensor, name: string) => HostTensor,
): HostBatch {
  return Object.fromEntries(Object.entries(batch).map(([name, entry]) => [name, map(entry, name)]));
}

/** @param from which row of `entry` comes to a row */
function rowsOf(
  { values, shape }: HostTensor,
  rows: number,
  from: (row: number) => number,
): HostTensor {
  const [length = 0, ...rest] = shape;
  const size = length === 0 ? 0 : values.length / length;
  const taken =
    values instanceof Float32Array ? new Float32Array(rows * size) : new Int32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const start = from(row) * size;
    taken.set(values.subarray(start, start + size), row * size);
  }
  return { shape: [rows, ...rest], values: taken };
}
