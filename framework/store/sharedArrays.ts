/** Arrays in use, by what they hold. */
const arrays = new Map<string, WeakRef<Float64Array>>();
let swept = 0;

/**
 * One array for all who want the same numbers, while anybody holds it. Nobody may write to it.
 *
 * @param hash of the numbers
 * @param load reads them where nobody has them
 */
export function sharedArray(hash: string, load: () => Float64Array): Float64Array {
  const held = arrays.get(hash)?.deref();
  if (held) return held;
  const loaded = load();
  arrays.set(hash, new WeakRef(loaded));
  if (arrays.size > 2 * swept + 100) sweep();
  return loaded;
}

/** Forgets those that nobody holds any more. */
function sweep(): void {
  for (const [hash, array] of arrays) if (!array.deref()) arrays.delete(hash);
  swept = arrays.size;
}
