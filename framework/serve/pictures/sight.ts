import { idefics3Grid, idefics3Sizes, type PreprocessorConfig } from "../../data/idefics3Sizes.ts";
import type { GenerationPrompt } from "../../decode/generation/generation.ts";
import { PictureEngine } from "../../decode/pictures/pictureEngine.ts";
import { tokensPerFrame } from "../../decode/pictures/pictureGraph.ts";
import type { WeightSource } from "../../decode/weightReader.ts";
import { readIdefics3Config } from "../../models/idefics3Config.ts";
import type { ChatTemplate } from "../../tokenizers/chatTemplate.ts";
import { picturePrompt } from "../../tokenizers/picturePrompt.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";
import { PicturePreparer } from "./picturePreparer.ts";
import type { GivenPicture, PicturePart } from "./pictureReader.ts";
import { PictureTemplate } from "./pictureTemplate.ts";
import { SeenPictures } from "./seenPictures.ts";
import type { ShownPicture } from "./shownPicture.ts";

export interface SightOptions {
  /** `config.json` of the whole model. */
  readonly config: object;
  /** Of the part that looks at pictures, read with the first one. */
  readonly weights: () => WeightSource;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  /** Content of `preprocessor_config.json`. */
  readonly preprocessor: PreprocessorConfig;
  /** Memory for pictures that were looked at before, in bytes. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Most pictures that wait to be looked at. Default: 64. */
  readonly mostWaiting?: number;
}

const fakeToken = "<fake_token_around_image>";

/**
 * How a model sees: what stands for a picture in a text, and what the text is given of it. A picture
 * that was looked at is remembered by its content.
 */
export class Sight {
  /** Writes conversations with pictures. */
  readonly template: PictureTemplate;
  /** Stands in a text where a token of a picture goes, and how it is spelled. */
  readonly #imageToken: { readonly id: number; readonly text: string };
  readonly #options: SightOptions;
  readonly #sizes: ReturnType<typeof idefics3Sizes>;
  readonly #tokensPerFrame: number;
  readonly #spellsFrames: boolean;
  readonly #preparer: PicturePreparer;
  readonly #seen: SeenPictures;
  #engine: PictureEngine | undefined;

  /** @throws {RangeError} for settings that do not fit each other */
  constructor(options: SightOptions) {
    const { config: whole, tokenizer, preprocessor } = options;
    const { maxBytes = 2 ** 26, mostWaiting = 64 } = options;
    const config = readIdefics3Config(whole);
    const id = config.image_token_id;
    this.#options = options;
    const imageToken = tokenizer.decode([id], { keepSpecialTokens: true });
    this.#imageToken = { id, text: imageToken };
    this.template = new PictureTemplate({ template: options.template, imageToken });
    this.#sizes = idefics3Sizes(preprocessor);
    this.#tokensPerFrame = tokensPerFrame(config, this.#sizes.side);
    this.#spellsFrames = tokenizer.idOf(fakeToken) !== undefined;
    this.#preparer = new PicturePreparer(preprocessor);
    this.#seen = new SeenPictures({
      maxBytes,
      mostWaiting,
      look: ({ picture, split }) => this.#look(picture, split),
    });
  }

  /** How a picture is shown in a text. Nothing is decoded for this. */
  shown(picture: GivenPicture, { image_url }: PicturePart, param: string): ShownPicture {
    const split = this.#sizes.splits && image_url.detail !== "low";
    const grid = idefics3Grid(picture, this.#sizes, split);
    const { text: imageToken } = this.#imageToken;
    const frames = grid.rows * grid.columns + 1;
    const tokens = frames * this.#tokensPerFrame;
    const options = { tokensPerFrame: this.#tokensPerFrame, fakeToken, imageToken };
    const text = this.#spellsFrames ? picturePrompt(grid, options) : imageToken.repeat(tokens);
    return { picture, split, text, tokens, param };
  }

  /**
   * What the model is given of a text and its pictures.
   *
   * @param pictures in the order of their tokens
   * @throws {ApiError} naming the field of one that cannot be decoded, or when too many wait
   */
  async prompt(
    tokens: readonly number[],
    pictures: readonly ShownPicture[],
  ): Promise<GenerationPrompt> {
    const at = [...tokens.keys()].filter((i) => tokens[i] === this.#imageToken.id);
    const seen = await Promise.all(pictures.map((each) => this.#seen.get(each)));
    const embeddings = new Float32Array(
      seen.reduce((length, { features }) => length + features.length, 0),
    );
    const prefixKeys = [...tokens];
    let [token, place] = [0, 0];
    for (const [i, { features, number }] of seen.entries()) {
      embeddings.set(features, place);
      place += features.length;
      // No token has a number below 0: all of a picture's have the picture's.
      for (const end = token + pictures[i]!.tokens; token < end; token++) {
        prefixKeys[at[token]!] = -number;
      }
    }
    return { tokens, replacements: { at, embeddings }, prefixKeys };
  }

  async close(): Promise<void> {
    await this.#preparer.close();
    await this.#engine?.dispose();
  }

  async #look({ bytes }: GivenPicture, split: boolean): Promise<Float32Array> {
    const { config, weights } = this.#options;
    const frames = await this.#preparer.frames(bytes, split);
    this.#engine ??= new PictureEngine({ config, weights: weights(), side: this.#sizes.side });
    return Float32Array.from((await this.#engine.features(frames)).values);
  }
}
