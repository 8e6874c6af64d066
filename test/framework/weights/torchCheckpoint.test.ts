import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { openTorchCheckpoint } from "../../../framework/weights/torchCheckpoint.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { zipBytes } from "../../support/zipBytes.ts";

const fixtures = "test/fixtures/torch";

/** A pickle from its instructions: letters as they are, other bytes as numbers. */
function pickle(...parts: (string | number)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))),
  );
}

/** The instruction that pushes a short text. */
function text(value: string): string {
  return `X${String.fromCharCode(value.length)}\0\0\0${value}`;
}

/** A tensor of some storage, with the numbers that describe it, each below 128. */
function tensor(
  { offset = 0, shape = [2], strides = [1], count = 2 },
  type = "torch\nFloatStorage",
): string {
  const small = (value: number): string => `K${String.fromCharCode(value)}`;
  const list = (values: number[]): string => `(${values.map(small).join("")}t`;
  const storage = `(${text("storage")}c${type}\n${text("0")}${text("cpu")}${small(count)}tQ`;
  const args = `(${storage}${small(offset)}${list(shape)}${list(strides)}t`;
  return `}${text("w")}ctorch._utils\n_rebuild_tensor_v2\n${args}Rs.`;
}

describe("openTorchCheckpoint()", () => {
  const folder = temporaryFolder();

  function opened(data: Uint8Array, storage = Buffer.from(Float32Array.of(1, 2).buffer)): unknown {
    const files = { "x/data.pkl": data, "x/data/0": storage };
    writeFileSync(folder.path("x.ckpt"), zipBytes(files));
    const { tensors } = openTorchCheckpoint(folder.path("x.ckpt"));
    return [...tensors].map(([name, { shape, values }]) => ({ name, shape, values: [...values] }));
  }

  for (const name of ["lightning", "callbacks"]) {
    it(`reads tensors of every type, views and parameters of ${name}.ckpt`, () => {
      const { tensors } = openTorchCheckpoint(`${fixtures}/${name}.ckpt`);
      const read = [...tensors].map(([key, t]) => [key, t.dtype, t.shape, [...t.values]]);
      const values = [0, 0.25, 0.5, 0.75, 1, 1.25];
      expect(read).to.deep.equal([
        ["float", "F32", [2, 3], values],
        ["transposed", "F32", [3, 2], [0, 0.75, 0.25, 1, 0.5, 1.25]],
        ["row", "F32", [3], [0.75, 1, 1.25]],
        ["half", "F16", [2, 3], values],
        ["bfloat", "BF16", [2, 3], values],
        ["double", "F64", [2, 3], values],
        ["long", "I64", [3], [1, -2, 3]],
        ["bool", "BOOL", [2], [1, 0]],
        ["scalar", "F32", [], [2.5]],
        ["empty", "F32", [0, 3], []],
        ["parameter", "F32", [2], [7, 8]],
      ]);
    });
  }

  it("knows how long a checkpoint was trained", () => {
    expect(openTorchCheckpoint(`${fixtures}/lightning.ckpt`).globalStep).to.equal(470_000);
    expect(openTorchCheckpoint(`${fixtures}/callbacks.ckpt`).globalStep).to.equal(undefined);
  });

  it("reads a dictionary of tensors without a state_dict", () => {
    const { tensors } = openTorchCheckpoint(`${fixtures}/pytorch_model.bin`);
    expect([...tensors.keys()]).to.deep.equal(["a", "b"]);
  });

  it("takes its tensors from where the pickle says", () => {
    const last = pickle(tensor({ offset: 1, shape: [1], strides: [1] }));
    expect(opened(last)).to.deep.equal([{ name: "w", shape: [1], values: [2] }]);
  });

  const refused: Readonly<Record<string, Uint8Array>> = {
    "builtins.eval": pickle(`cbuiltins\neval\n(${text("1")}tR.`),
    "os.system": pickle(0x80, 4, 0x8c, 2, "os", 0x8c, 6, "system", 0x93, 0x8c, 2, "ls", 0x85, "R."),
    "posix.system": pickle(`(${text("ls")}iposix\nsystem\n.`),
    "__builtin__.exec": pickle(0x80, 2, "c__builtin__\nexec\n)", 0x81, "."),
    "torch.nn.modules.linear.Linear": pickle("ctorch.nn.modules.linear\nLinear\n)", 0x81, "}b."),
  };
  for (const [name, data] of Object.entries(refused)) {
    it(`refuses ${name} by name`, () => {
      expect(() => opened(data)).to.throw(InputError, `it refers to ${name}, and only tensors are`);
    });
  }

  it("refuses what a lone pickle refers to, and the format of PyTorch before 1.6", () => {
    const file = folder.path("bare.ckpt");
    writeFileSync(file, pickle(0x80, 2, `cos\nsystem\n(${text("ls")}tR.`));
    expect(() => openTorchCheckpoint(file)).to.throw(InputError, "it refers to os.system");
    expect(() => openTorchCheckpoint(`${fixtures}/legacy.pt`)).to.throw(
      InputError,
      "the format of PyTorch before 1.6; load it there and save it again",
    );
  });

  const damaged: Readonly<Record<string, [Uint8Array, string]>> = {
    "a call of a class": [pickle("ctorch\nFloatStorage\n)R."), "it calls torch.FloatStorage"],
    "a call of a text": [pickle(`${text("f")})R.`), "it calls what is no function"],
    "an empty stack": [pickle("R."), "its stack is empty"],
    "no beginning": [pickle("t."), "it ends a list that it did not begin"],
    "a memory that is empty": [pickle("h", 3, "."), "it recalls 3"],
    "an unknown instruction": [pickle(0xff), "instruction 0xff at byte 0"],
    "a text beyond the end": [pickle("X", 0xff, 0xff, 0xff, 0xff, "a."), "the pickle is truncated"],
    "no end": [pickle("]"), "the pickle is truncated"],
    "items of a list": [pickle("]NNs."), "it sets items of what is no dictionary"],
    "no dictionary": [pickle("]."), "expected a dictionary of tensors"],
    "no tensors": [pickle("}."), "it holds no tensors"],
    "a tensor beyond its storage": [pickle(tensor({ offset: 1 })), "is larger than its 2 elements"],
    "repeated elements": [
      pickle(tensor({ shape: [127, 127], strides: [0, 0] })),
      "of shape [127, 127] is larger",
    ],
    "axes without strides": [pickle(tensor({ shape: [1, 2] })), "a tensor is not described"],
    "a storage of another size": [pickle(tensor({ count: 3 })), "must have 12 bytes, got 8"],
    "an unknown storage": [
      pickle(tensor({}, "torch\nSize")),
      "a storage is not described as PyTorch does",
    ],
  };
  for (const [title, [data, says]] of Object.entries(damaged)) {
    it(`refuses ${title}`, () => expect(() => opened(data)).to.throw(InputError, says));
  }

  it("reads an integer of a million bytes in no time, as the number that it is", () => {
    const length = Buffer.from([0x40, 0x42, 0x0f, 0]);
    const data = Buffer.concat([
      pickle("]", 0x8b),
      length,
      Buffer.alloc(1_000_000, 0xff),
      pickle("a."),
    ]);
    expect(() => opened(data)).to.throw(InputError, "expected a dictionary of tensors");
  });

  it("refuses a pickle that says it is longer than any, before it is inflated", () => {
    const bytes = Buffer.from(zipBytes({ "x/data.pkl": pickle("}.") }, { deflate: true }));
    bytes.writeUInt32LE(2 ** 31, bytes.indexOf("PK\x01\x02") + 24);
    writeFileSync(folder.path("x.ckpt"), bytes);
    expect(() => openTorchCheckpoint(folder.path("x.ckpt"))).to.throw(
      InputError,
      "of 2147483648 bytes",
    );
  });

  it("refuses every truncation", () => {
    const bytes = readFileSync(`${fixtures}/pytorch_model.bin`);
    const file = folder.path("short.bin");
    for (let length = 0; length < bytes.length; length += 7) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(() => openTorchCheckpoint(file), `${length} bytes`).to.throw(InputError);
    }
  });

  it("refuses an archive of something else", () => {
    writeFileSync(folder.path("x.ckpt"), zipBytes({ "a.txt": Buffer.from("a") }));
    expect(() => openTorchCheckpoint(folder.path("x.ckpt"))).to.throw(
      InputError,
      "got a zip archive without data.pkl",
    );
  });
});
