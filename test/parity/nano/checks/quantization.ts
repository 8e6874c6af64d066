import { expect } from "chai";

import {
  dequantizeBlocks,
  packBlocks,
  roundToBlocks,
} from "../../../../framework/decode/quantization/blockQuantization.ts";
import { roundToChannels } from "../../../../framework/decode/quantization/channelQuantization.ts";
import { linearOutput } from "../../../support/linearOutput.ts";
import { roundedFeatures } from "../../../support/roundedFeatures.ts";
import type { ParityTest } from "../../parityCheck.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedQuantization {
  /** Outputs, and inputs, of the weights. */
  readonly N: number;
  readonly K: number;
  readonly block_size: number;
  /** Length of what is wrong with the weights over theirs. */
  readonly rel_err_4: Readonly<Record<Symmetry, number>>;
  readonly rel_err_8: Readonly<Record<Symmetry, number>>;
  /** Scale and zero point of the features, rounded as they come. */
  readonly dyn: { readonly sX: number; readonly zX: number };
}

type Symmetry = "sym" | "asym";

/** One unit in the last place of the largest product, which is 23. */
const productTolerance = 2e-6;
/** Relative, of lengths summed in floats. */
const errorTolerance = 1e-5;

/** Weights in 4 and 8 bits: codes, scales, and products as ONNX Runtime computes them. */
export const quantization: NanoCheck = {
  title: "quantization",
  tests: (folder) => (folder.has("quant.json") ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const formats = ([4, 8] as const).flatMap((bits) =>
    (["sym", "asym"] as const).map((symmetry) => ({ bits, symmetry })),
  );
  return [
    ...formats.flatMap(({ bits, symmetry }) => [
      {
        title: `packs the published bytes and scales: ${symmetry}${bits}`,
        run: () => blocks(folder, bits, symmetry),
      },
      {
        title: `has the published products: ${symmetry}${bits}`,
        run: () => blockProducts(folder, bits, symmetry),
      },
    ]),
    { title: "rounds weights by the output as published: dyn", run: () => channels(folder) },
    { title: "rounds features as published: dyn", run: () => features(folder) },
    { title: "has the published products: dyn", run: () => channelProducts(folder) },
  ];
}

const recordedOf = (folder: NanoFolder): RecordedQuantization => folder.json("quant.json");

/** An array in the type that it is stored in. */
const floats = (folder: NanoFolder, name: string): Float32Array =>
  Float32Array.from(folder.golden("quant").host(name).values);
const bytes = (folder: NanoFolder, name: string): Uint8Array =>
  Uint8Array.from(folder.golden("quant").host(name).values);

function blocks(folder: NanoFolder, bits: 4 | 8, symmetry: Symmetry): void {
  const { N, K, block_size: blockSize, [`rel_err_${bits}` as const]: errors } = recordedOf(folder);
  const [name, isSymmetric] = [`${symmetry}${bits}`, symmetry === "sym"];
  const weights = floats(folder, "W");
  const quantized = roundToBlocks(weights, N, K, { bits, blockSize, isSymmetric });
  const packed = packBlocks(quantized);
  expect(packed.bytes, `${name}.B`).to.deep.equal(bytes(folder, `${name}.B`));
  expect(quantized.scales, `${name}.scales`).to.deep.equal(floats(folder, `${name}.scales`));
  expect(packed.zeroPoints, `${name}.zero_points`).to.deep.equal(
    isSymmetric ? undefined : bytes(folder, `${name}.zero_points`),
  );
  const rounded = dequantizeBlocks(quantized);
  expect(rounded, `${name}.dequant`).to.deep.equal(floats(folder, `${name}.dequant`));
  const error = lengthOf(rounded.map((x, i) => x - weights[i]!)) / lengthOf(weights);
  const expected = errors[symmetry];
  expect(error, `error of ${name}`).to.be.closeTo(expected, errorTolerance * expected);
}

const lengthOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

function blockProducts(folder: NanoFolder, bits: 4 | 8, symmetry: Symmetry): void {
  const { K, block_size: blockSize } = recordedOf(folder);
  const isSymmetric = symmetry === "sym";
  const format = { bits, blockSize, isSymmetric, features: "float" } as const;
  const output = linearOutput(floats(folder, "X"), floats(folder, "W"), format, K);
  compareProducts(folder, `${symmetry}${bits}.Y`, output);
}

function compareProducts(folder: NanoFolder, name: string, values: Float32Array): void {
  const { N } = recordedOf(folder);
  folder.golden("quant").compare(name, { values, shape: [values.length / N, N] }, productTolerance);
}

function channels(folder: NanoFolder): void {
  const { N, K } = recordedOf(folder);
  const { codes, scales } = roundToChannels(floats(folder, "W"), N, K);
  const expected = Int8Array.from(folder.golden("quant").host("dyn.qW").values);
  expect(codes, "dyn.qW").to.deep.equal(expected);
  expect(scales, "dyn.sW").to.deep.equal(floats(folder, "dyn.sW"));
}

function features(folder: NanoFolder): void {
  const { sX, zX } = recordedOf(folder).dyn;
  const { codes, scale, zeroPoint } = roundedFeatures(floats(folder, "X"));
  expect(codes, "dyn.qX").to.deep.equal(bytes(folder, "dyn.qX"));
  expect([scale, zeroPoint], "scale and zero point of dyn.qX").to.deep.equal([Math.fround(sX), zX]);
}

function channelProducts(folder: NanoFolder): void {
  const { K } = recordedOf(folder);
  const output = linearOutput(floats(folder, "X"), floats(folder, "W"), "int8", K);
  compareProducts(folder, "dyn.Y", output);
}
