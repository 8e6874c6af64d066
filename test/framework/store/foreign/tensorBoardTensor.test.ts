import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import {
  readScalarTensor,
  readTensor,
} from "../../../../framework/store/foreign/tensorBoardTensor.ts";

/** Of `TensorProto`: dtype is field 1, shape 2, content 4, float_val 5, int64s inside a dim are field 1. */
const shape = (...sizes: number[]): string =>
  `12${(4 * sizes.length).toString(16).padStart(2, "0")}${sizes.map((n) => `120208${n.toString(16).padStart(2, "0")}`).join("")}`;

describe("readTensor()", () => {
  const read = (hex: string): object => readTensor(Buffer.from(hex, "hex"));

  it("reads numbers as a list and as bytes", () => {
    expect(read(`0801${shape(2)}2a080000803f0000003f`)).to.deep.include({
      shape: [2],
      numbers: [1, 0.5],
    });
    expect(read(`0802${shape(1)}2208000000000000f83f`)).to.deep.include({ numbers: [1.5] });
    expect(read(`0803${shape(1)}2204ffffffff`)).to.deep.include({ numbers: [-1] });
  });

  it("repeats the last number up to the shape, as TensorFlow's writers expect", () => {
    expect(read(`0801${shape(2, 2)}2a080000803f0000003f`)).to.deep.include({
      shape: [2, 2],
      numbers: [1, 0.5, 0.5, 0.5],
    });
  });

  it("reads more numbers than a call can have arguments", () => {
    const count = 300_000;
    const length = Buffer.from([0x80 | ((4 * count) & 127), 0x80 | (((4 * count) >> 7) & 127)]);
    const rest = Buffer.from([(4 * count) >> 14]);
    const message = Buffer.concat([Buffer.of(0x2a), length, rest, Buffer.alloc(4 * count)]);
    expect(readTensor(message).numbers).to.have.length(count);
  });

  it("refuses bytes that are no message: cut, or of a kind that there is not", () => {
    expect(() => read("2a08")).to.throw(InputError, "Cannot read a message of an event");
    expect(() => read("ff01")).to.throw(InputError, "Cannot read a message of an event");
  });

  it("reads a number without axes, and zero where protobuf left it out", () => {
    expect(readScalarTensor(Buffer.from("08011200" + "2a040000003f", "hex"))).to.equal(0.5);
    expect(readScalarTensor(Buffer.from("08011200", "hex"))).to.equal(0);
    expect(readScalarTensor(Buffer.from(`0801${shape(1)}2a040000003f`, "hex"))).to.equal(undefined);
    expect(readScalarTensor(Buffer.from("08071200", "hex"))).to.equal(undefined);
  });
});
