import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import {
  readSafetensors,
  readSafetensorsEntries,
  readSafetensorsHeader,
  writeSafetensors,
} from "../../../framework/weights/safetensors.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "seedbed-safetensors-"));
  file = path.join(folder, "model.safetensors");
});

afterEach(() => rmSync(folder, { recursive: true }));

const weight = { shape: [2, 2], values: Float32Array.of(1, -2, 0.1, 65504) };
const ids = { shape: [3], values: Int32Array.of(1, -1, 2 ** 31 - 1) };

/** A file made by hand, so that it may be wrong. */
function writeRaw(header: string, data: Uint8Array = new Uint8Array(0)): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  writeFileSync(file, Buffer.concat([length, Buffer.from(header), data]));
}

function describeTensor(
  dtype: string,
  shape: readonly number[],
  begin: number,
  end: number,
): string {
  return JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
}

function bytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

describe("writeSafetensors()", () => {
  it("is read back exactly, with metadata", () => {
    writeSafetensors(
      file,
      [
        ["w", weight],
        ["ids", ids],
      ],
      { metadata: { step: "7" } },
    );
    const tensors = readSafetensors(file);
    expect([...tensors.keys()]).to.deep.equal(["ids", "w"]);
    expect(tensors.get("w")).to.deep.equal({ dtype: "F32", ...weight });
    expect(tensors.get("ids")).to.deep.equal({ dtype: "I32", ...ids });
    expect(readSafetensorsHeader(file).metadata).to.deep.equal({ step: "7" });
    expect(readdirSync(folder)).to.deep.equal(["model.safetensors"]);
  });

  it("writes the same bytes for the same tensors in another order", () => {
    writeSafetensors(
      file,
      [
        ["b", weight],
        ["a", ids],
      ],
      { dtype: "F16" },
    );
    const first = readFileSync(file);
    writeSafetensors(
      file,
      [
        ["a", ids],
        ["b", weight],
      ],
      { dtype: "F16" },
    );
    expect(readFileSync(file)).to.deep.equal(first);
  });

  it("writes the published layout", () => {
    writeSafetensors(file, [["w", { shape: [1], values: Float32Array.of(1) }]]);
    const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(readFileSync(file)).to.deep.equal(
      Buffer.concat([
        Buffer.of(56, 0, 0, 0, 0, 0, 0, 0),
        Buffer.from(header.padEnd(56)),
        Buffer.of(0, 0, 0x80, 0x3f),
      ]),
    );
  });

  it("aligns every tensor when halves of odd count stand beside integers", () => {
    writeSafetensors(
      file,
      [
        ["a", { shape: [3], values: Float32Array.of(1, 2, 3) }],
        ["z", ids],
      ],
      { dtype: "F16" },
    );
    const { tensors } = readSafetensorsHeader(file);
    expect(tensors.get("z")!.byteOffset % 8).to.equal(0);
    expect(readSafetensors(file).get("a")!.values).to.deep.equal(Float32Array.of(1, 2, 3));
  });

  it("takes a view into a larger buffer, empty tensors, scalars and odd names", () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    writeSafetensors(file, [
      ["__proto__", { shape: [2], values: view }],
      ["7", { shape: [0, 3], values: new Float32Array(0) }],
      ['sch"ön,\\{', { shape: [], values: Float32Array.of(5) }],
    ]);
    const tensors = readSafetensors(file);
    expect(tensors.get("__proto__")!.values).to.deep.equal(Float32Array.of(1, 2));
    expect(tensors.get("7")!.shape).to.deep.equal([0, 3]);
    expect(tensors.get('sch"ön,\\{')).to.deep.equal({
      dtype: "F32",
      shape: [],
      values: Float32Array.of(5),
    });
  });

  it("refuses what it could not store, and leaves no file", () => {
    const large = { shape: [1], values: Float32Array.of(70000) };
    const cases: [() => void, string][] = [
      [() => writeSafetensors(file, [["w", { ...weight, shape: [3] }]]), "needs 3 values, got 4"],
      [
        () =>
          writeSafetensors(file, [
            ["w", weight],
            ["w", weight],
          ]),
        'name "w" is used twice',
      ],
      [() => writeSafetensors(file, [["w", large]], { dtype: "F16" }), "holds 70000, beyond"],
    ];
    for (const [write, message] of cases) expect(write).to.throw(RangeError, message);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("stores infinities and NaN as halves", () => {
    const values = Float32Array.of(Infinity, -Infinity, NaN);
    writeSafetensors(file, [["w", { shape: [3], values }]], { dtype: "F16" });
    expect(readSafetensors(file).get("w")!.values).to.deep.equal(values);
  });
});

describe("readSafetensorsEntries()", () => {
  it("reads the tensors that it is given, and no other", () => {
    writeSafetensors(file, [
      ["w", weight],
      ["ids", ids],
    ]);
    const entry = readSafetensorsHeader(file).tensors.get("ids")!;
    const read = readSafetensorsEntries(file, [["ids", entry]]);
    expect([...read]).to.deep.equal([["ids", { dtype: "I32", ...ids }]]);
    truncateSync(file, entry.byteOffset);
    expect(() => readSafetensorsEntries(file, [["ids", entry]])).to.throw(InputError, "file ends");
  });
});

describe("readSafetensors()", () => {
  const dtypes: readonly [string, ArrayBufferView, Float32Array | Int32Array][] = [
    ["F64", Float64Array.of(0.1), Float32Array.of(0.1)],
    ["BF16", Uint16Array.of(0x3fc0), Float32Array.of(1.5)],
    ["F16", Uint16Array.of(0x3e00), Float32Array.of(1.5)],
    ["I64", BigInt64Array.of(-5n), Int32Array.of(-5)],
    ["U64", BigUint64Array.of(5n), Int32Array.of(5)],
    ["U32", Uint32Array.of(5), Int32Array.of(5)],
    ["I16", Int16Array.of(-5), Int32Array.of(-5)],
    ["U16", Uint16Array.of(65535), Int32Array.of(65535)],
    ["I8", Int8Array.of(-5), Int32Array.of(-5)],
    ["U8", Uint8Array.of(255), Int32Array.of(255)],
    ["BOOL", Uint8Array.of(1), Int32Array.of(1)],
  ];
  for (const [dtype, stored, expected] of dtypes) {
    it(`reads ${dtype}`, () => {
      writeRaw(`{"x":${describeTensor(dtype, [1], 0, stored.byteLength)}}`, bytes(stored));
      expect(readSafetensors(file).get("x")).to.deep.equal({ dtype, shape: [1], values: expected });
    });
  }

  const f32 = (shape: readonly number[], begin: number, end: number): string =>
    describeTensor("F32", shape, begin, end);
  const corrupt: readonly [problem: string, header: string, dataBytes: number][] = [
    ["unknown dtype", `{"x":${describeTensor("F8", [1], 0, 1)}}`, 1],
    ["needs 8 bytes, got 4", `{"x":${f32([2], 0, 4)}}`, 4],
    ["needs 4000000000000 bytes, got 4", `{"x":${f32([1e6, 1e6], 0, 4)}}`, 4],
    ["it is truncated", `{"x":${f32([1e6, 1e6], 0, 4e12)}}`, 4],
    ["shape of integers >= 0", `{"x":${f32([-1], 0, 4)}}`, 4],
    ["data_offsets [begin, end]", `{"x":${f32([1], 4, 0)}}`, 4],
    ['"y" overlaps', `{"x":${f32([2], 0, 8)},"y":${f32([1], 4, 8)}}`, 8],
    ['4 bytes before tensor "x" belong to no tensor', `{"x":${f32([1], 4, 8)}}`, 8],
    ["by the header, got", `{"x":${f32([1], 0, 4)}}`, 8],
    ['"x" appears twice', `{"x":${f32([1], 0, 4)},"x":${f32([1], 0, 4)}}`, 4],
    ["header is not JSON", `{"x":`, 0],
    ["header must be a JSON object", `[1, 2]`, 0],
    ['"x" must be described by an object', `{"x":1}`, 0],
    ["__metadata__", `{"__metadata__":{"a":1}}`, 0],
    ["does not fit 32 bits", `{"x":${describeTensor("I64", [1], 0, 8)}}`, 8],
  ];
  for (const [problem, header, dataBytes] of corrupt) {
    it(`reports a file with: ${problem}`, () => {
      writeRaw(header, new Uint8Array(dataBytes).fill(0x7f));
      expect(() => readSafetensors(file))
        .to.throw(InputError, problem)
        .and.property("message")
        .includes(file);
    });
  }

  it("reports a shape that is nested too deeply to show", () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    writeRaw(`{"x":{"dtype":"F32","shape":${deep},"data_offsets":[0,4]}}`, new Uint8Array(4));
    expect(() => readSafetensors(file)).to.throw(InputError, "got what is nested too deeply");
  });

  it("reads texts of many megabytes, and names that objects have already", () => {
    const long = "x".repeat(8_000_000);
    writeRaw(`{"__metadata__":{"__proto__":"a","tags":"${long}"}}`, new Uint8Array());
    const { metadata } = readSafetensorsHeader(file);
    expect(Object.entries(metadata).map(([key, text]) => [key, text.length])).to.deep.equal([
      ["__proto__", 1],
      ["tags", long.length],
    ]);
  });

  it("reports a file cut short anywhere", () => {
    writeSafetensors(file, [["w", weight]]);
    const { length } = readFileSync(file);
    for (const cut of [length - 1, length - 15, 20, 8, 7, 0]) {
      truncateSync(file, cut);
      expect(() => readSafetensors(file), `${cut} bytes`).to.throw(InputError, file);
    }
  });

  it("reports a file of another format", () => {
    writeFileSync(file, "<!DOCTYPE html><html>".repeat(10));
    expect(() => readSafetensors(file)).to.throw(InputError, "header length must be");
  });

  it("reports a missing file and a folder", () => {
    expect(() => readSafetensors(file)).to.throw(InputError, "ENOENT");
    expect(() => readSafetensors(folder)).to.throw(InputError, "expected a file");
  });
});
