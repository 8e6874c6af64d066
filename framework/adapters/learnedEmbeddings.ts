import { InputError } from "../base/errors.ts";
import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.ts";

/** Vectors of each token, `[vectors, features]`. */
export type LearnedEmbeddings = ReadonlyMap<string, HostTensor>;

/** The only key of files that do not name their token. */
const namelessKey = "emb_params";

export interface ReadLearnedEmbeddingsOptions {
  /** Name of the token, in the place of the file's. For a file of one. */
  token?: string;
}

/**
 * Reads `learned_embeds.safetensors`: one tensor for each token, of one vector or several.
 *
 * Source: Gal et al. 2022, arXiv:2208.01618, whose result it holds.
 *
 * @throws {InputError} when a tensor has another rank, or the token has no name
 */
export function readLearnedEmbeddings(
  file: string,
  { token }: ReadLearnedEmbeddingsOptions = {},
): Map<string, HostTensor> {
  const stored = [...readSafetensors(file)];
  const problem = (what: string): InputError => new InputError(`Cannot read ${file}: ${what}`);
  if (token !== undefined && stored.length !== 1) {
    throw problem(`expected one token to be called "${token}", got ${stored.length}`);
  }
  const embeddings = stored.map(([key, { shape, values }]) => {
    const name = token ?? key;
    if (name === namelessKey) throw problem("it does not name its token; give a token");
    const [first = 0, second] = shape;
    if (!(values instanceof Float32Array) || shape.length === 0 || shape.length > 2) {
      throw problem(`token "${name}": expected numbers [features] or [vectors, features]`);
    }
    return [name, hostTensor(values, second === undefined ? [1, first] : [first, second])] as const;
  });
  return new Map(embeddings);
}

/** Writes `learned_embeds.safetensors`, as diffusers' training script does. */
export function writeLearnedEmbeddings(file: string, embeddings: LearnedEmbeddings): void {
  writeSafetensors(file, embeddings, { metadata: { format: "pt" } });
}

/**
 * The tokens of several files together.
 *
 * @throws {RangeError} when two have a token of the same name
 */
export function mergeLearnedEmbeddings(
  ...several: readonly LearnedEmbeddings[]
): Map<string, HostTensor> {
  const merged = new Map<string, HostTensor>();
  for (const [token, vectors] of several.flatMap((each) => [...each])) {
    if (merged.has(token)) {
      throw new RangeError(
        `Cannot merge learned tokens: two are called "${token}"; read one of them under another name`,
      );
    }
    merged.set(token, vectors);
  }
  return merged;
}
