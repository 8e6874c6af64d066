import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { rgbImage } from "../../../framework/data/image.ts";
import { imagesToTensor, tensorToImages } from "../../../framework/data/imageTensors.ts";

describe("imagesToTensor()", () => {
  it("puts colours into planes and bytes into [-1, 1]", () => {
    const image = rgbImage(2, 1, Uint8Array.of(0, 255, 51, 255, 0, 204));
    const { shape, values } = imagesToTensor([image]);
    expect(shape).to.deep.equal([1, 3, 1, 2]);
    [-1, 1, 1, -1, -0.6, 0.6].forEach((want, i) => expect(values[i]).to.be.closeTo(want, 1e-6));
  });

  it("is undone by tensorToImages() for every byte", () => {
    const bytes = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    const images = [rgbImage(16, 8, bytes.slice(0, 384)), rgbImage(16, 8, bytes.slice(384))];
    expect(tensorToImages(imagesToTensor(images))).to.deep.equal(images);
  });

  it("refuses none, and different sizes", () => {
    expect(() => imagesToTensor([])).to.throw(RangeError, "got none");
    const [a, b] = [rgbImage(1, 1, new Uint8Array(3)), rgbImage(1, 2, new Uint8Array(6))];
    expect(() => imagesToTensor([a, b])).to.throw(RangeError, "got 1 x 2 at 1");
  });
});

describe("tensorToImages()", () => {
  it("clips what lies outside the range", () => {
    const tensor = hostTensor(Float32Array.of(-3, 3, Number.NaN), [1, 3, 1, 1]);
    expect([...tensorToImages(tensor)[0]!.data]).to.deep.equal([0, 255, 0]);
  });

  it("refuses other shapes", () => {
    const tensor = hostTensor(new Float32Array(3), [3, 1, 1]);
    expect(() => tensorToImages(tensor)).to.throw(RangeError, "got [3, 1, 1]");
  });
});
