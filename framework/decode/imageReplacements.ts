import type { HostTensor } from "../base/hostTensor.ts";
import { checkImageTokens } from "../models/idefics3.ts";
import type { Idefics3Config } from "../models/idefics3Config.ts";
import type { Replacements } from "./decodeModel.ts";

/**
 * Puts pictures in the place of a text's image tokens, in their order, for an engine that takes
 * embeddings: `engine.feed(row, ids, { replacements })` then sees what `Idefics3.forward` sees.
 *
 * @param ids of one text
 * @param features `[frames, tokens, hidden_size]`, as `Idefics3.imageFeatures` gives them; the frames
 *   of all pictures of the text
 * @throws {RangeError} when the text has another number of image tokens
 */
export function imageReplacements(
  ids: readonly number[],
  { shape, values }: HostTensor,
  config: Pick<Idefics3Config, "image_token_id">,
): Replacements {
  const [frames = 0, tokens = 0] = shape;
  const text = { values: Int32Array.from(ids), shape: [ids.length] };
  checkImageTokens(text, config, frames * tokens);
  const at = [...ids.keys()].filter((i) => ids[i] === config.image_token_id);
  return { at, embeddings: Float32Array.from(values) };
}
