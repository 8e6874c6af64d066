import {
  Idefics3,
  loadDecoder,
  loadIdefics3,
  loadParameters,
  readModelFolder,
  readParameters,
  type ModelFolder,
} from "seedbed";

import { imageToken, reservedTokens } from "../data/chat.ts";
import { pictureSize } from "../pictures/picture.ts";
import { gridPositions } from "./gridPositions.ts";

type Config = ModelFolder["config"];

/** Sizes of a tower that begins from nothing. */
export interface TowerSizes {
  features: number;
  feedForward: number;
  layers: number;
  heads: number;
  /** Side of the squares that a picture is cut into, in pixels. */
  patchSize: number;
  /** So many patches, in both directions, make a token of the text. */
  scaleFactor: number;
}

/** Of the places' waves; patches of a new tower have features of this size. */
const placeAmplitude = 0.25;

/**
 * `preprocessor_config.json`: a picture is one frame, as large as those that are trained on. Most of
 * these are white, and white becomes zero: what is drawn is then all that a new tower sees at first.
 */
export const preprocessorConfig: Readonly<Record<string, unknown>> = {
  image_processor_type: "Idefics3ImageProcessor",
  processor_class: "Idefics3Processor",
  do_convert_rgb: true,
  do_resize: true,
  do_rescale: true,
  do_normalize: true,
  do_pad: true,
  do_image_splitting: false,
  image_mean: [1, 1, 1],
  image_std: [0.25, 0.25, 0.25],
  resample: 1,
  rescale_factor: 1 / 255,
  size: { longest_edge: pictureSize },
  max_image_size: { longest_edge: pictureSize },
};

/**
 * transformers' settings of a language model that is given eyes.
 *
 * @param text its `config.json`
 */
export function pictureModelConfig(text: Config, tower: TowerSizes): Config {
  return {
    architectures: ["Idefics3ForConditionalGeneration"],
    model_type: "idefics3",
    text_config: text,
    vision_config: {
      model_type: "idefics3_vision",
      hidden_size: tower.features,
      intermediate_size: tower.feedForward,
      num_hidden_layers: tower.layers,
      num_attention_heads: tower.heads,
      image_size: pictureSize,
      patch_size: tower.patchSize,
      num_channels: 3,
      hidden_act: "gelu_pytorch_tanh",
      layer_norm_eps: 1e-6,
    },
    image_token_id: reservedTokens.findIndex(({ content }) => content === imageToken),
    scale_factor: tower.scaleFactor,
    tie_word_embeddings: text["tie_word_embeddings"] === true,
  };
}

/** Whether a folder's model sees pictures already. */
export const seesPictures = (config: Config): boolean => "vision_config" in config;

/**
 * A model that sees pictures, and its `config.json`: the folder's own, or a language model with a
 * tower and a connector from nothing.
 */
export async function openPictureModel(
  folder: string,
  tower: TowerSizes,
  seed: number,
): Promise<{ model: Idefics3; config: Config }> {
  const { config: own } = readModelFolder(folder);
  if (seesPictures(own)) return { model: loadIdefics3(folder), config: own };
  const config = pictureModelConfig(own, tower);
  const text = loadDecoder(folder);
  const model = new Idefics3(config, { seed });
  try {
    const values = await readParameters(text.parameters);
    const rename = (name: string): string => name.replace(/^model\./, "model.text_model.");
    loadParameters(parametersOf(model, "text"), values, { rename });
    placePatches(model);
    return { model, config };
  } catch (cause) {
    model.dispose();
    throw cause;
  } finally {
    text.dispose();
  }
}

/** A new tower begins with places that differ as they are apart: it learns shapes sooner. */
function placePatches({ vision, parameters }: Idefics3): void {
  const name = "model.vision_model.embeddings.position_embedding.weight";
  const { hidden_size } = vision.config;
  const positions = gridPositions(vision.side, hidden_size, placeAmplitude);
  loadParameters(new Map([[name, parameters.get(name)!]]), new Map([[name, positions]]));
}

/** What a model that sees pictures is made of. */
export const pictureParts = ["vision", "connector", "text"] as const;
export type PicturePart = (typeof pictureParts)[number];

const prefixes: readonly [prefix: string, part: PicturePart][] = [
  ["model.vision_model.", "vision"],
  ["model.connector.", "connector"],
  ["", "text"],
];

/** The parameters of a part, by their full names; the text's with its head. */
export function parametersOf(
  { parameters }: Pick<Idefics3, "parameters">,
  part: PicturePart,
): Idefics3["parameters"] {
  const ofName = (name: string): PicturePart =>
    prefixes.find(([prefix]) => name.startsWith(prefix))![1];
  return new Map([...parameters].filter(([name]) => ofName(name) === part));
}
