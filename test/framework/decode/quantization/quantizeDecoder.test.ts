import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { quantizeDecoder } from "../../../../framework/decode/quantization/quantizeDecoder.ts";
import { weightFormats } from "../../../../framework/decode/weightFormats.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";

const fixture = path.join(import.meta.dirname, "../../../fixtures/nano/smollm2-tiny");
const { config, tensors } = readModelFolder(fixture);

describe("quantizeDecoder()", () => {
  it("refuses weights that are no numbers, in every format", () => {
    const name = "model.layers.0.mlp.up_proj.weight";
    const tensor = tensors.get(name)!;
    const broken = Float32Array.from(tensor.values);
    broken[7] = Number.NaN;
    const spoilt = new Map([...tensors, [name, { ...tensor, values: broken }] as const]);
    for (const format of ["int8", "int8Blocks", "int4"] as const) {
      expect(() => quantizeDecoder({ config, tensors: spoilt }, weightFormats[format])).to.throw(
        RangeError,
        `Cannot quantize ${name}: expected finite weights, got NaN as number 7`,
      );
    }
  });

  it("refuses a head in floats that is a table in codes", () => {
    const embedding = { bits: 8, blockSize: 32 } as const;
    const formats = { layers: "int8", head: "float32", embedding } as const;
    expect(() => quantizeDecoder({ config, tensors }, formats)).to.throw(
      RangeError,
      "expected a head in codes, or a table of embeddings in floats",
    );
  });
});
