import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { hostTensor, toTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { imageNoise } from "../../../framework/diffusion/imageNoise.ts";
import { sampleLatents, type AutoencoderKl } from "../../../framework/models/autoencoderKl.ts";
import { loadAutoencoder } from "../../../framework/pipelines/loadPipeline.ts";
import { encodePicture, keepPixels } from "../../../framework/pipelines/startPicture.ts";
import { expectClose, wave } from "../../support/tensors.ts";

/** Four by four pixels; latents are half as wide and high. */
const pixels = hostTensor(wave([1, 3, 4, 4], 0), [1, 3, 4, 4]);
/** Marks the pixel in the second row's third column. */
const mask = hostTensor(
  Float32Array.of(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0.4, 0, 0, 0, 0, 0),
  [1, 1, 4, 4],
);

describe("encodePicture()", () => {
  let vae: AutoencoderKl;
  before(() => {
    vae = loadAutoencoder("test/fixtures/stable-diffusion/tiny-sd-a").model;
  });
  after(() => vae.dispose());

  const encode = (start: { mask?: HostTensor }, withMasked = false) =>
    encodePicture({ pixels, strength: 1, ...start }, { vae, tileSize: 8, withMasked });

  /** Latents by the autoencoder's own functions. */
  const latentsOf = (picture: HostTensor, seeds: number[], stream: string): tf.Tensor =>
    tf.tidy(() => {
      const noise = toTensor(imageNoise(seeds, [4, 2, 2], stream));
      return vae.scaleLatents(sampleLatents(vae.encode(toTensor(picture)), noise));
    });

  it("draws each image's latents with its own seed", async () => {
    const encoded = await encode({});
    const expected = latentsOf(pixels, [7, 8], "picture");
    const actual = toTensor(encoded.latents([7, 8]));
    await expectClose(actual, expected, 1e-5);
    expect(encoded.latents([8]).values).to.deep.equal(encoded.latents([7, 8]).values.slice(16));
    tf.dispose([expected, actual]);
  });

  it("marks a latent of which any pixel is marked", async () => {
    const encoded = await encode({ mask });
    expect(encoded.mask).to.deep.equal(hostTensor(Float32Array.of(0, 1, 0, 0), [1, 1, 2, 2]));
  });

  it("gives inpainting models the mask before the picture without what it marks", async () => {
    const encoded = await encode({ mask }, true);
    const channels = encoded.maskedChannels([7, 8]);
    expect(channels.shape).to.deep.equal([2, 5, 2, 2]);
    const grey = Float32Array.from(pixels.values, (value, i) => (i % 16 === 6 ? 0 : value));
    const expected = latentsOf(hostTensor(grey, pixels.shape), [7, 8], "maskedPicture");
    const actual = toTensor(channels);
    const parts = tf.split(actual, [1, 4], 1);
    await expectClose(parts[1]!, expected, 1e-5);
    expect([...parts[0]!.dataSync()]).to.deep.equal([0, 1, 0, 0, 0, 1, 0, 0]);
    tf.dispose([expected, actual, parts]);
  });

  it("refuses a mask of another size", async () => {
    const other = hostTensor(new Float32Array(4), [1, 1, 2, 2]);
    const error: unknown = await encode({ mask: other }).catch((reason: unknown) => reason);
    expect(String(error)).to.include("expected a mask [1, 1, 4, 4] for the picture, got [1, 1, 2");
  });
});

describe("keepPixels()", () => {
  it("puts back what the mask does not mark, in every image", () => {
    const images = new Float32Array(2 * 48).fill(9);
    keepPixels(images, { pixels, strength: 1, mask });
    images.forEach((value, i) => {
      expect(value).to.equal(i % 16 === 6 ? 9 : pixels.values[i % 48]);
    });
  });
});
