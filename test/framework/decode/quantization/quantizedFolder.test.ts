import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import type { HostTensor } from "../../../../framework/base/hostTensor.ts";
import { DecodeEngine } from "../../../../framework/decode/decodeEngine.ts";
import {
  quantizeDecoder,
  quantizedEngineOptions,
  type QuantizedDecoder,
} from "../../../../framework/decode/quantization/quantizeDecoder.ts";
import {
  readQuantizedFolder,
  writeQuantizedFolder,
} from "../../../../framework/decode/quantization/quantizedFolder.ts";
import { weightFormats, type WeightFormats } from "../../../../framework/decode/weightFormats.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const fixture = (name: string): string =>
  path.join(import.meta.dirname, "../../../fixtures/nano", name);
const ids = [7, 100, 3, 250, 9, 1, 2];

async function logitsOf(model: QuantizedDecoder): Promise<Float32Array[]> {
  const engine = new DecodeEngine(quantizedEngineOptions(model));
  try {
    return [...(await engine.feed(0, ids))];
  } finally {
    await engine.dispose();
  }
}

const blocks8 = { bits: 8, blockSize: 16 } as const;
const formats: Record<string, WeightFormats> = {
  int8: weightFormats.int8,
  "int8, table in codes": { ...weightFormats.int8, embedding: blocks8 },
  int4: {
    layers: { bits: 4, blockSize: 16 },
    ...{ head: blocks8, embedding: blocks8 },
  },
  "int4 with zero points": {
    layers: { bits: 4, blockSize: 32, isSymmetric: false },
    ...{ head: { bits: 8, blockSize: 32 }, embedding: "float32" },
  },
};

describe("writeQuantizedFolder()", () => {
  const folder = temporaryFolder();

  for (const name of ["smollm2-tiny", "qwen2-tiny"]) {
    for (const [title, format] of Object.entries(formats)) {
      it(`keeps each logit of ${name}: ${title}`, async () => {
        const { config, tensors } = readModelFolder(fixture(name));
        const model = quantizeDecoder({ config, tensors }, format);
        writeQuantizedFolder(folder.path("model"), model);
        const read = readQuantizedFolder(folder.path("model"));
        expect(await logitsOf(read)).to.deep.equal(await logitsOf(model));
        expect([...read.quantized.keys()]).to.have.members([...model.quantized.keys()]);
        expect([...read.floats.keys()]).to.have.members([...model.floats.keys()]);
      });
    }
  }

  it("answers as an engine does that rounds by itself", async () => {
    const { config, tensors } = readModelFolder(fixture("smollm2-tiny"));
    const model = quantizeDecoder({ config, tensors }, weightFormats.int8);
    const { config: read } = quantizedEngineOptions(model);
    const engine = new DecodeEngine({ config: read, weights: tensors, format: "int8" });
    expect(await logitsOf(model)).to.deep.equal([...(await engine.feed(0, ids))]);
    await engine.dispose();
  });

  it("begins to answer without the floats that codes stand for", async () => {
    const { config, tensors } = readModelFolder(fixture("smollm2-tiny"));
    const model = quantizeDecoder({ config, tensors }, formats["int8, table in codes"]!);
    const { weights, ...options } = quantizedEngineOptions(model);
    const asked: string[] = [];
    const get = (name: string): HostTensor | undefined => {
      const tensor = weights.get(name);
      return (
        tensor && {
          shape: tensor.shape,
          get values() {
            asked.push(name);
            return tensor.values;
          },
        }
      );
    };
    const engine = new DecodeEngine({ ...options, weights: { get } });
    await engine.feed(0, ids);
    await engine.dispose();
    expect(asked).to.have.members([...model.floats.keys()]);
  });

  it("needs a bit more than half a byte for a weight of 4 bits", () => {
    const { config, tensors } = readModelFolder(fixture("smollm2-tiny"));
    const model = quantizeDecoder({ config, tensors }, formats["int4"]!);
    writeQuantizedFolder(folder.path("model"), model);
    const bytes = statSync(folder.path("model/quantized.safetensors")).size;
    const weights = [...tensors].filter(([name]) => name.includes("_proj"));
    const count = weights.reduce((sum, [, { shape }]) => sum + shape[0]! * shape[1]!, 0);
    const [words = 0, features = 0] = tensors.get("model.embed_tokens.weight")!.shape;
    const expected = count * (0.5 + 4 / 16) + words * features * (1 + 4 / 16);
    expect(bytes).to.be.within(expected, expected + 16_384); // norms, and the header
  });
});

describe("readQuantizedFolder()", () => {
  const folder = temporaryFolder();
  const model = (): string => folder.path("model");
  beforeEach(() => {
    const { config, tensors } = readModelFolder(fixture("smollm2-tiny"));
    writeQuantizedFolder(model(), quantizeDecoder({ config, tensors }, weightFormats.int8));
  });
  const file = (name: string): string => path.join(model(), name);

  it("names what is missing", () => {
    expect(readdirSync(model()).toSorted()).to.deep.equal([
      "config.json",
      "quantization.json",
      "quantized.safetensors",
    ]);
    rmSync(file("quantization.json"));
    expect(() => readQuantizedFolder(model())).to.throw(InputError, "missing quantization.json");
  });

  for (const [title, text, expected] of [
    ["another version", '{"formatVersion":2,"formats":{},"matrices":{}}', "formatVersion"],
    ["no JSON", "{", "Cannot read"],
    [
      "matrices that are not there",
      JSON.stringify({
        ...{ formatVersion: 1, formats: weightFormats.int8 },
        matrices: { "lm_tail.weight": { kind: "channels", outputs: 2, inputs: 2 } },
      }),
      "expected codes and 2 scales of each matrix",
    ],
    [
      "a size that is not the file's",
      JSON.stringify({
        ...{ formatVersion: 1, formats: weightFormats.int8 },
        matrices: { "lm_head.weight": { kind: "channels", outputs: 512, inputs: 7 } },
      }),
      "of a matrix",
    ],
  ] as const) {
    it(`refuses ${title}`, () => {
      writeFileSync(file("quantization.json"), text);
      expect(() => readQuantizedFolder(model())).to.throw(InputError, expected);
    });
  }
});
