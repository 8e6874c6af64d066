import { hostTensor, type HostTensor } from "../../base/hostTensor.ts";
import type { EncodeOptions, Tokenizer } from "../../tokenizers/tokenizer.ts";
import type { Transform } from "./transform.ts";

/**
 * A text as ids, int32 `[tokens]`, with its start and end token. Longer texts are cut at
 * `maxLength`; with `padTo` all have one length, without it `padCollate` pads a batch.
 */
export function tokenize(
  tokenizer: Tokenizer,
  options: EncodeOptions = {},
): Transform<string, HostTensor> {
  return (text) => {
    const ids = tokenizer.encode(text, options);
    return hostTensor(ids, [ids.length]);
  };
}
