import {
  pictureEncoderTensors,
  readIdefics3Config,
  type DecoderWeights,
  type HostTensor,
  type QuantizedPictures,
} from "seedbed";

import { readWeights } from "../modelFolders.ts";
import { seesPictures } from "./pictureModel.ts";

/** A language model, and what looks at pictures for it if it sees them. */
export interface TextModel extends DecoderWeights {
  readonly pictures?: QuantizedPictures;
}

/**
 * A folder's language model under the names of one that sees nothing.
 *
 * @throws {InputError} when there is none
 */
export function readTextModel(folder: string): TextModel {
  const whole = readWeights(folder);
  const { config, tensors } = whole;
  if (!seesPictures(config)) return whole;
  const pictures = pictureEncoderTensors(tensors);
  const text = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) {
    if (pictures.has(name)) continue;
    text.set(name.replace(/^model\.text_model\./, "model."), tensor);
  }
  const { text_config } = readIdefics3Config(config);
  return {
    config: { ...Object(text_config) },
    tensors: text,
    pictures: { config, tensors: pictures },
  };
}
