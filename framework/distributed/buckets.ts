/** Numbers that one call of the network carries: 4 MB. */
export const bucketLength: number = 1 << 20;

/**
 * Divides arrays among buckets of up to `length` numbers. Long arrays are cut and their parts are
 * combined where they are; short ones are copied together and back.
 *
 * @param combine does one bucket, in place
 */
export async function inBuckets(
  arrays: readonly Float32Array[],
  combine: (bucket: Float32Array) => Promise<void>,
  length: number = bucketLength,
): Promise<void> {
  const short: Float32Array[] = [];
  for (const array of arrays) {
    if (array.length * 2 <= length) {
      short.push(array);
      continue;
    }
    for (let start = 0; start < array.length; start += length) {
      await combine(array.subarray(start, start + length));
    }
  }
  for (const group of groupsOf(short, length)) await combineTogether(group, combine);
}

/** Consecutive arrays that fit into a bucket. */
function groupsOf(arrays: readonly Float32Array[], length: number): Float32Array[][] {
  const groups: Float32Array[][] = [];
  let room = 0;
  for (const array of arrays) {
    if (array.length > room || groups.length === 0) {
      groups.push([]);
      room = length;
    }
    groups.at(-1)!.push(array);
    room -= array.length;
  }
  return groups;
}

async function combineTogether(
  arrays: readonly Float32Array[],
  combine: (bucket: Float32Array) => Promise<void>,
): Promise<void> {
  const bucketSize = arrays.reduce((sum, { length }) => sum + length, 0);
  const bucket = new Float32Array(new ArrayBuffer(4 * bucketSize)); // memory that does not move
  let start = 0;
  for (const array of arrays) {
    bucket.set(array, start);
    start += array.length;
  }
  await combine(bucket);
  start = 0;
  for (const array of arrays) {
    array.set(bucket.subarray(start, start + array.length));
    start += array.length;
  }
}
