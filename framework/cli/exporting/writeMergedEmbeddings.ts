import {
  mergeLearnedEmbeddings,
  readLearnedEmbeddings,
  writeLearnedEmbeddings,
  type LearnedEmbeddings,
} from "../../adapters/learnedEmbeddings.ts";
import { InputError } from "../../base/errors.ts";
import { checkExportPlace } from "../../export/exportPlace.ts";
import { readEmbeddingFile } from "../sampling/embeddingFile.ts";

/**
 * Writes the learned tokens of several files to one.
 *
 * @param given each `FILE` or `TOKEN=FILE`
 * @returns lines that say what it holds
 * @throws {InputError} when a file cannot be read, two tokens have one name, their vectors are of
 *   different models, or `out` is taken
 */
export function writeMergedEmbeddings(
  given: readonly string[],
  { out, force }: { out: string; force: boolean },
): string[] {
  if (!out.endsWith(".safetensors")) {
    throw new InputError(`Cannot merge into ${out}: expected a name that ends in .safetensors`);
  }
  checkExportPlace(out, { isFile: true, force });
  const files = given.map((text) => readEmbeddingFile(text, "Cannot merge embeddings of"));
  const several = files.map(({ file, token }) =>
    readLearnedEmbeddings(file, token === undefined ? {} : { token }),
  );
  const merged = merge(several);
  const widths = new Set([...merged.values()].map(({ shape }) => shape[1]!));
  if (widths.size > 1) {
    throw new InputError(
      `Cannot merge embeddings: expected vectors of one model, got ${[...widths].join(" and ")} features`,
    );
  }
  writeLearnedEmbeddings(out, merged);
  return [
    out,
    ...[...merged].map(
      ([token, { shape }]) => `  ${token}  ${shape[0]} ${shape[0] === 1 ? "vector" : "vectors"}`,
    ),
  ];
}

function merge(several: readonly LearnedEmbeddings[]): ReturnType<typeof mergeLearnedEmbeddings> {
  try {
    return mergeLearnedEmbeddings(...several);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`${cause.message}: TOKEN=FILE`, { cause });
  }
}
