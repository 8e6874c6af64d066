import type { GenerateRequest } from "./generateRequest.ts";

/** Images that are computed together. */
export interface ImageBatch {
  /** Positions in the request; fewer than prompts where the batch is filled up. */
  readonly indices: readonly number[];
  readonly prompts: readonly string[];
  readonly seeds: readonly number[];
}

/**
 * Divides a request into batches, of equal size where they are of equal length: what is computed
 * was recorded for one shape. Prompts of different lengths never share a batch, because the shorter
 * would be followed by empty chunks, which the model sees.
 *
 * @param chunksOf how many chunks a prompt has
 */
export function imageBatches(
  { prompts, seeds, guidanceScale, negativePrompt = "", batchSize = 16 }: GenerateRequest,
  chunksOf: (prompt: string) => number,
): ImageBatch[] {
  const groups = new Map<number, number[]>();
  const least = guidanceScale === 1 ? 1 : chunksOf(negativePrompt);
  for (const [index, prompt] of prompts.entries()) {
    const chunks = Math.max(chunksOf(prompt), least);
    groups.set(chunks, [...(groups.get(chunks) ?? []), index]);
  }
  return [...groups]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, indices]) => inEqualParts(indices, batchSize))
    .map(({ own, filled }) => ({
      indices: own,
      prompts: filled.map((index) => prompts[index]!),
      seeds: filled.map((index) => seeds[index]!),
    }));
}

/** As few parts as can be, the last of them filled up with its last item. */
function inEqualParts(
  items: readonly number[],
  most: number,
): { own: number[]; filled: number[] }[] {
  const parts = Math.ceil(items.length / most);
  const size = Math.ceil(items.length / parts);
  return Array.from({ length: parts }, (_, part) => {
    const own = items.slice(part * size, (part + 1) * size);
    return { own, filled: [...own, ...Array<number>(size - own.length).fill(own.at(-1)!)] };
  });
}
