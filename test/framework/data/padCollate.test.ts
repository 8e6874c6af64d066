import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { arrayLoader } from "../../../framework/data/createLoader.ts";
import { padCollate } from "../../../framework/data/padCollate.ts";

const tokens = (...ids: number[]) => ({ ids: hostTensor(Int32Array.from(ids), [ids.length]) });

describe("padCollate()", () => {
  it("pads to the longest sequence and masks the padding", () => {
    const collate = padCollate({ entries: { ids: { value: 9, mask: "mask" } } });
    // As torch.nn.utils.rnn.pad_sequence(batch_first=True, padding_value=9).
    expect(collate([tokens(1, 2, 3), tokens(4)])).to.deep.equal({
      ids: hostTensor(Int32Array.of(1, 2, 3, 4, 9, 9), [2, 3]),
      mask: hostTensor(Int32Array.of(1, 1, 1, 1, 0, 0), [2, 3]),
    });
  });

  it("pads to a multiple, adding nothing to a full one", () => {
    const collate = padCollate({ entries: { ids: { value: 0 } }, multipleOf: 2 });
    expect(collate([tokens(1, 2, 3), tokens(4)])["ids"]!.shape).to.deep.equal([2, 4]);
    expect(collate([tokens(1, 2)])["ids"]!.shape).to.deep.equal([1, 2]);
  });

  it("pads the first axis of features, and stacks the other entries", () => {
    const collate = padCollate({ entries: { frames: { value: -1 } } });
    const sound = (label: number, ...values: number[]) => ({
      frames: hostTensor(Float32Array.from(values), [values.length / 2, 2]),
      label: hostTensor(Int32Array.of(label), []),
    });
    expect(collate([sound(5, 1, 2), sound(6, 1, 2, 3, 4)])).to.deep.equal({
      frames: hostTensor(Float32Array.of(1, 2, -1, -1, 1, 2, 3, 4), [2, 2, 2]),
      label: hostTensor(Int32Array.of(5, 6), [2]),
    });
  });

  it("gives each entry its own length", () => {
    const collate = padCollate({ entries: { source: { value: 0 }, target: { value: -100 } } });
    const pair = (source: number[], target: number[]) => ({
      source: tokens(...source).ids,
      target: tokens(...target).ids,
    });
    const batch = collate([pair([1], [1, 2, 3]), pair([1, 2], [1])]);
    expect([batch["source"]!.shape, batch["target"]!.shape]).to.deep.equal([
      [2, 2],
      [2, 3],
    ]);
    expect([...batch["target"]!.values]).to.deep.equal([1, 2, 3, 1, -100, -100]);
  });

  it("is a loader's `collate`, and leaves the examples as they are", async () => {
    const examples = [tokens(1, 2), tokens(3)];
    const collate = padCollate({ entries: { ids: { value: 0, mask: "mask" } } });
    const loader = arrayLoader(examples, { batchSize: 2, collate });
    expect((await loader.batch(0, 0))["ids"]!.shape).to.deep.equal([2, 2]);
    expect(examples).to.deep.equal([tokens(1, 2), tokens(3)]);
  });

  it("refuses what cannot be padded", () => {
    const collate = padCollate({ entries: { ids: { value: 0, mask: "mask" } } });
    const scalar = { ids: hostTensor(Int32Array.of(1), []) };
    const wide = { ids: hostTensor(Int32Array.of(1, 2), [1, 2]) };
    expect(() => collate([tokens(1), {}])).to.throw(RangeError, `Cannot pad "ids"`);
    expect(() => collate([scalar])).to.throw(RangeError, "in every example, got int32 []");
    expect(() => collate([tokens(1), wide])).to.throw(RangeError, "got int32 [1] and int32 [1, 2]");
    expect(() => collate([{ ...tokens(1), mask: tokens(1).ids }])).to.throw(
      RangeError,
      `have an entry "mask" already`,
    );
    expect(() => padCollate({ entries: {}, multipleOf: 0 })).to.throw(RangeError, "got 0");
  });
});
