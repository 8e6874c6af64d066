import type { HostTensor } from "../../base/hostTensor.ts";
import { describeShape, sameShape } from "../../base/shape.ts";
import { readDecoderConfig } from "../../models/decoderConfig.ts";
import { readIdefics3Config } from "../../models/idefics3Config.ts";
import { loadRuntime } from "../../runtime/ortLibrary.ts";
import { RuntimeValue, Session } from "../../runtime/session.ts";
import { valuesOf } from "../decodeModel.ts";
import { inputValue } from "../runInputs.ts";
import type { WeightSource } from "../weightReader.ts";
import { pictureGraph, tokensPerFrame } from "./pictureGraph.ts";

export interface PictureEngineOptions {
  /** A transformers `config.json` of the whole model, parsed. */
  readonly config: object;
  /** Of a `PictureEncoder`, under transformers' names. */
  readonly weights: WeightSource;
  /** Of the square frames, in pixels. */
  readonly side: number;
  /** Of the process. Default: as many as are running, or the processor's. */
  readonly threads?: number;
}

/**
 * Looks at pictures for a `DecodeEngine` that takes embeddings: an Idefics3's vision tower and
 * connector on ONNX Runtime, without TF.js.
 */
export class PictureEngine {
  /** Tokens of the text that a frame becomes. */
  readonly tokensPerFrame: number;
  readonly #frame: readonly number[];
  readonly #textFeatures: number;
  readonly #session: Session;
  readonly #weights: ReadonlyMap<string, RuntimeValue>;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws {RangeError} when weights do not fit the settings, or the side neither */
  constructor({ config: whole, weights, side, threads }: PictureEngineOptions) {
    const config = readIdefics3Config(whole);
    this.tokensPerFrame = tokensPerFrame(config, side);
    this.#frame = [config.vision_config.num_channels, side, side];
    this.#textFeatures = readDecoderConfig(config.text_config).hidden_size;
    loadRuntime(threads);
    const textFeatures = this.#textFeatures;
    const { bytes, ...model } = pictureGraph({ config, textFeatures, side, weights });
    this.#weights = valuesOf(model.weights);
    const { inputNames, outputNames } = model;
    const settings = ["all", "cpu", "sameSize", this.#weights] as const;
    this.#session = new Session(bytes, inputNames, outputNames, ...settings);
  }

  /**
   * What the text is given of pictures, computed a frame at a time: the memory is that of one.
   *
   * @param pixels `[frames, num_channels, side, side]`
   * @returns `[frames, tokensPerFrame, hidden_size of the text]`
   */
  async features({ shape, values }: HostTensor): Promise<HostTensor> {
    const [frames = 0, ...frame] = shape;
    if (!sameShape(frame, this.#frame)) {
      throw new RangeError(
        `Cannot look at pictures: expected frames ${describeShape(this.#frame)}, got ${describeShape(frame)}`,
      );
    }
    const [tokens, width] = [this.tokensPerFrame, this.#textFeatures];
    const [input, output] = [values.length / frames, tokens * width];
    const all = new Float32Array(frames * output);
    for (let i = 0; i < frames; i++) {
      const features = await this.#inTurn(() =>
        this.#run(values.subarray(i * input, (i + 1) * input)),
      );
      all.set(features, i * output);
    }
    return { shape: [frames, tokens, width], values: all };
  }

  /** Waits for what is under way. */
  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      this.#session.dispose();
      for (const value of this.#weights.values()) value.dispose();
    });
  }

  async #run(pixels: ArrayLike<number>): Promise<ArrayLike<number>> {
    const [tokens, width] = [this.tokensPerFrame, this.#textFeatures];
    const input = inputValue("float32", [1, ...this.#frame], pixels);
    const shape = [1, tokens, width];
    const output = inputValue("float32", shape, new Float32Array(tokens * width));
    try {
      await this.#session.bind([input], [output]).runAsync();
      return output.array;
    } finally {
      input.dispose();
      output.dispose();
    }
  }

  async #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
