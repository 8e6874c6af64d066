import { lentValues, overwriteValues } from "../base/sharedValues.ts";
import type { OwnedPart } from "../distributed/world.ts";
import type { OptimizerShares } from "./optimizerShares.ts";
import type { FloatTensor } from "./sharedGradients.ts";
import type { NamedVariables } from "./trainingModule.ts";

/**
 * Lets every worker have the parameters that the others have updated.
 *
 * @param parts memory for the parameters to exchange: as `takeFlat` gives it, one array in the order
 *   of the owners
 */
export async function exchangeUpdated(
  { world, rankOf }: OptimizerShares,
  parameters: NamedVariables,
  parts: ReadonlyMap<string, FloatTensor>,
): Promise<void> {
  for (const [name, { values }] of parts) {
    if (rankOf.get(name) === world.rank) values.set(await lentFloats(parameters, name));
  }
  await world.spread("updated parameters", joined(parts, rankOf));
  for (const [name, { values }] of parts) {
    if (rankOf.get(name) !== world.rank) await overwriteValues(parameters.get(name)!, values);
  }
}

async function lentFloats(parameters: NamedVariables, name: string): Promise<Float32Array> {
  const values = await lentValues(parameters.get(name)!);
  if (values instanceof Float32Array) return values;
  throw new TypeError(`Cannot exchange "${name}": expected float32 values`);
}

/** One part for each owner. */
function joined(
  parts: ReadonlyMap<string, FloatTensor>,
  rankOf: ReadonlyMap<string, number>,
): OwnedPart[] {
  const all: { rank: number; bytes: Uint8Array<ArrayBufferLike> }[] = [];
  for (const [name, { values }] of parts) {
    const rank = rankOf.get(name)!;
    const { buffer, byteOffset, byteLength } = values;
    const last = all.at(-1);
    if (last?.rank !== rank) {
      all.push({ rank, bytes: new Uint8Array(buffer, byteOffset, byteLength) });
      continue;
    }
    const length = last.bytes.byteLength + byteLength;
    last.bytes = new Uint8Array(buffer, last.bytes.byteOffset, length);
  }
  return all;
}
