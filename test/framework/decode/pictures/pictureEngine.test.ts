import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, toTensor, type HostTensor } from "../../../../framework/base/hostTensor.ts";
import {
  PictureEngine,
  type PictureEngineOptions,
} from "../../../../framework/decode/pictures/pictureEngine.ts";
import { readQuantizedPictures } from "../../../../framework/decode/quantization/quantizedFolder.ts";
import {
  loadPictureEncoder,
  pictureEncoderTensors,
} from "../../../../framework/models/pictureEncoder.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import { errorOf } from "../../../support/compiled.ts";
import { nanoGolden, worst } from "../nanoEngine.ts";

type Model = Pick<PictureEngineOptions, "config"> & {
  readonly tensors: ReadonlyMap<string, HostTensor>;
};

/** Sums in another order, through all layers. */
const tolerance = 1e-4;

const tiny = readModelFolder("test/fixtures/nano/smolvlm-tiny");

function engineOf({ config, tensors: weights }: Model, side: number): PictureEngine {
  return new PictureEngine({ config, weights, side, threads: 2 });
}

/** Frames that differ everywhere, in [-1, 1]. */
function framesOf(count: number, side: number): HostTensor {
  const values = Float32Array.from({ length: count * 3 * side * side }, (_, i) =>
    Math.sin(0.37 * i + 0.0001 * i * i),
  );
  return hostTensor(values, [count, 3, side, side]);
}

/** As the plain model has them. */
async function expectedOf(model: Model, frames: HostTensor): Promise<HostTensor> {
  const encoder = loadPictureEncoder(model);
  const features = tf.tidy(() => encoder.features({ pixels: toTensor(frames) }).features);
  const values = await features.data<"float32">();
  const { shape } = features;
  tf.dispose(features);
  encoder.dispose();
  return { shape, values };
}

describe("PictureEngine", () => {
  it("has the reference's features of a picture", async () => {
    const pixels = nanoGolden("smolvlm-tiny", "A.pixel_values");
    const [, frames, , side = 0] = pixels.shape;
    const engine = engineOf(tiny, side);
    const features = await engine.features({ ...pixels, shape: [frames!, 3, side, side] });
    const expected = nanoGolden("smolvlm-tiny", "A.connector");
    expect(features.shape).to.deep.equal(expected.shape);
    expect(worst(features.values, expected.values)).to.be.below(tolerance);
    await engine.dispose();
  });

  const withAct = (hidden_act: string): Model => ({
    config: {
      ...tiny.config,
      vision_config: { ...Object(tiny.config["vision_config"]), hidden_act },
    },
    tensors: pictureEncoderTensors(tiny.tensors),
  });
  for (const [title, model, side, count] of [
    ["smaller frames than the largest", withAct("gelu_pytorch_tanh"), 24, 3],
    ["exact GELUs", withAct("gelu"), 32, 2],
    ["quick GELUs", withAct("quick_gelu"), 32, 2],
    ["the bundled model", readQuantizedPictures("models/nano")!, 64, 1],
  ] as const) {
    it(`computes ${title} as TF.js does, several frames and calls at a time`, async () => {
      const engine = engineOf(model, side);
      const given = [framesOf(count, side), framesOf(1, side)];
      const found = await Promise.all(given.map((frames) => engine.features(frames)));
      for (const [i, frames] of given.entries()) {
        const expected = await expectedOf(model, frames);
        expect(found[i]!.shape).to.deep.equal(expected.shape);
        expect(worst(found[i]!.values, expected.values)).to.be.below(tolerance);
      }
      await engine.dispose();
    });
  }

  it("refuses frames and weights that do not fit", async () => {
    expect(() => engineOf(tiny, 20)).to.throw(RangeError, "a multiple of 8, at most 32");
    expect(() => engineOf(tiny, 64)).to.throw(RangeError, "a multiple of 8, at most 32");
    const none: Model = { config: tiny.config, tensors: new Map() };
    expect(() => engineOf(none, 32)).to.throw(RangeError, "Cannot build what looks at pictures");
    const engine = engineOf(tiny, 32);
    const error = await errorOf(engine.features(framesOf(1, 16)));
    expect(error).to.be.instanceOf(RangeError);
    expect(error.message).to.include("expected frames [3, 32, 32], got [3, 16, 16]");
    await engine.dispose();
  });
});
