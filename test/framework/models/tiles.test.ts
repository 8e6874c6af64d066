import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { mapTiles } from "../../../framework/models/tiles.ts";
import { wave } from "../../support/tensors.ts";

/** The sum of all elements, and of all times the cosines of 0, 0.3, 0.6, ... */
function sums(image: tf.Tensor): [number, number] {
  return tf.tidy(() => {
    const weights = tf.range(0, image.size).mul(0.3).cos().reshape(image.shape);
    return [image.sum().dataSync()[0]!, image.mul(weights).sum().dataSync()[0]!];
  });
}

const image = (height: number, width: number): tf.Tensor4D =>
  tf.tensor4d(wave([height, width], 0), [1, 1, height, width]);

/** Twice as large, and shifted by the tile's mean: what a tile becomes depends on its borders. */
const enlarge = (tile: tf.Tensor4D): tf.Tensor =>
  tf.tidy(() => {
    const wide = tf.stack([tile, tile], 4).reshape([...tile.shape.slice(0, 3), -1]);
    const both = tf.stack([wide, wide], 3).reshape([1, 1, tile.shape[2] * 2, tile.shape[3] * 2]);
    return both.add(tile.mean());
  });

const reduce = (tile: tf.Tensor4D): tf.Tensor =>
  tf.tidy(() => {
    const [, , height, width] = tile.shape;
    const pairs = tile.reshape([1, 1, height / 2, 2, width / 2, 2]);
    return pairs.mean([3, 5]).add(tile.mean());
  });

describe("mapTiles()", () => {
  // expected values: the loops of diffusers' tiled_decode and tiled_encode in PyTorch 2.13, float64
  it("fades tiles that become larger as diffusers does", async () => {
    const whole = image(8, 10);
    const mapped = await mapTiles(whole, { size: 4, overlap: 1, scale: 2 }, enlarge);
    expect(mapped.shape).to.deep.equal([1, 1, 16, 20]);
    const [sum, weighted] = sums(mapped);
    expect(sum).to.be.closeTo(2.0216629332, 1e-4);
    expect(weighted).to.be.closeTo(59.4810806412, 1e-4);
    tf.dispose([whole, mapped]);
  });

  it("fades tiles that become smaller as diffusers does", async () => {
    const whole = image(16, 12);
    const mapped = await mapTiles(whole, { size: 8, overlap: 2, scale: 0.5 }, reduce);
    expect(mapped.shape).to.deep.equal([1, 1, 8, 6]);
    const [sum, weighted] = sums(mapped);
    expect(sum).to.be.closeTo(0.8956446145, 1e-4);
    expect(weighted).to.be.closeTo(1.9536417322, 1e-4);
    tf.dispose([whole, mapped]);
  });

  it("changes nothing where the map does not see the borders", async () => {
    const whole = image(9, 7);
    const mapped = await mapTiles(whole, { size: 4, overlap: 1, scale: 1 }, (tile) => tile.mul(3));
    const difference = tf.tidy(() => mapped.sub(whole.mul(3)).abs().max().dataSync()[0]);
    expect(difference).to.be.below(1e-6);
    tf.dispose([whole, mapped]);
  });
});
