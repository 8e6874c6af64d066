import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { HostTensor } from "../../base/hostTensor.ts";
import { readOptions, type OptionsSchema } from "../../base/options.ts";
import { readDecoderConfig } from "../../models/decoderConfig.ts";
import { readIdefics3Config } from "../../models/idefics3Config.ts";
import { readJsonObject, writeJsonObject } from "../../weights/jsonFile.ts";
import {
  openSafetensors,
  writeSafetensors,
  type WritableTensor,
} from "../../weights/safetensors.ts";
import type { StoredTensor } from "../../weights/storedTensor.ts";
import type { QuantizedMatrix } from "../linearForms.ts";
import type { WeightFormats } from "../weightFormats.ts";
import { blocksOf, packBlocks, unpackBlocks, type BlockQuantized } from "./blockQuantization.ts";
import type { ChannelQuantized } from "./channelQuantization.ts";
import type { QuantizedDecoder } from "./quantizeDecoder.ts";

const settingsFile = "quantization.json";
const weightsFile = "quantized.safetensors";
const picturesFile = "pictures.safetensors";

/** Files of a model in codes that hold weights; the second is there if it sees pictures. */
export const quantizedWeightsFiles: readonly string[] = [weightsFile, picturesFile];

/** All of its files. */
export const quantizedFiles: readonly string[] = [
  ...["config.json", settingsFile],
  ...quantizedWeightsFiles,
];

/** What `quantization.json` says of a matrix. */
type MatrixFormat =
  | (Pick<BlockQuantized, "rows" | "columns" | "bits" | "blockSize"> & { kind: "blocks" })
  | (Pick<ChannelQuantized, "outputs" | "inputs"> & { kind: "channels" });

interface QuantizationFile {
  readonly formatVersion: 1;
  readonly formats: WeightFormats;
  readonly matrices: Readonly<Record<string, MatrixFormat>>;
}

/** Whether a folder holds a decoder in codes. */
export function isQuantizedFolder(folder: string): boolean {
  return existsSync(path.join(folder, settingsFile));
}

/** What a model in codes looks at pictures with. */
export interface QuantizedPictures {
  /** `config.json` of the whole model, as transformers has it of Idefics3. */
  readonly config: object;
  /** Of a `PictureEncoder`, under transformers' names. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/**
 * Writes a decoder in codes: `config.json` as transformers has it, `quantization.json` and
 * `quantized.safetensors`. docs/decode.md has the format.
 *
 * @param pictures what looks at pictures for it, kept in half precision in `pictures.safetensors`
 */
export function writeQuantizedFolder(
  folder: string,
  { config, formats, quantized, floats }: QuantizedDecoder,
  pictures?: QuantizedPictures,
): void {
  const tensors = new Map<string, WritableTensor>(floats);
  const matrices: Record<string, MatrixFormat> = {};
  for (const [name, matrix] of quantized) {
    matrices[name] = formatOf(matrix);
    for (const [part, tensor] of partsOf(matrix)) tensors.set(`${name}.${part}`, tensor);
  }
  writeSafetensors(path.join(folder, weightsFile), tensors);
  if (pictures) {
    writeSafetensors(path.join(folder, picturesFile), pictures.tensors, { dtype: "F16" });
  }
  writeJsonObject(path.join(folder, "config.json"), pictures?.config ?? config);
  const settings: QuantizationFile = { formatVersion: 1, formats, matrices };
  writeJsonObject(path.join(folder, settingsFile), settings);
}

function formatOf(matrix: QuantizedMatrix): MatrixFormat {
  if (!("blockSize" in matrix)) {
    return { kind: "channels", outputs: matrix.outputs, inputs: matrix.inputs };
  }
  const { rows, columns, bits, blockSize } = matrix;
  return { kind: "blocks", rows, columns, bits, blockSize };
}

function partsOf(matrix: QuantizedMatrix): [part: string, tensor: WritableTensor][] {
  if (!("blockSize" in matrix)) {
    const { outputs, inputs, codes, scales } = matrix;
    return [
      ["codes", { shape: [outputs, inputs], values: codes }],
      ["scales", { shape: [outputs], values: scales }],
    ];
  }
  const { rows, columns, blockSize, scales } = matrix;
  const { bytes, zeroPoints } = packBlocks(matrix);
  const inRows = (values: Uint8Array): WritableTensor => ({
    shape: [rows, values.length / rows],
    values,
  });
  return [
    ["codes", inRows(bytes)],
    ["scales", { shape: [rows, blocksOf(columns, blockSize)], values: scales }],
    ...(zeroPoints ? [["zeroPoints", inRows(zeroPoints)] satisfies [string, WritableTensor]] : []),
  ];
}

/**
 * What a folder's model looks at pictures with; undefined for one that does not.
 *
 * @throws {InputError} when it is missing or damaged
 */
export function readQuantizedPictures(folder: string): QuantizedPictures | undefined {
  const config = readJsonObject(path.join(folder, "config.json"));
  if (!("vision_config" in config)) return undefined;
  return { config, tensors: openSafetensors(path.join(folder, picturesFile)) };
}

/**
 * Reads the decoder that {@link writeQuantizedFolder} has written; of a model that sees pictures, its
 * text.
 *
 * @throws {InputError} naming what is missing or damaged
 */
export function readQuantizedFolder(folder: string): QuantizedDecoder {
  const file = path.join(folder, weightsFile);
  const missing = [settingsFile, weightsFile, "config.json"].filter(
    (name) => !existsSync(path.join(folder, name)),
  );
  if (missing.length > 0) {
    throw new InputError(
      `Cannot read quantized model ${folder}: missing ${missing.join(", ")}; expected a folder as a quantization wrote it`,
    );
  }
  const whole = readJsonObject(path.join(folder, "config.json"));
  const { formats, matrices } = readSettings(path.join(folder, settingsFile));
  const tensors = openSafetensors(file);
  const quantized = new Map<string, QuantizedMatrix>();
  try {
    const config = "vision_config" in whole ? readIdefics3Config(whole).text_config : whole;
    readDecoderConfig(config);
    for (const [name, format] of Object.entries(matrices)) {
      quantized.set(
        name,
        readMatrix(format, (part) => takePart(tensors, `${name}.${part}`)),
      );
    }
    return { config, formats, quantized, floats: tensors };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`Cannot read quantized model ${folder}: ${cause.message}`, { cause });
  }
}

const count = { type: "integer", minimum: 1 } as const;
const required = (
  properties: Readonly<Record<string, object>>,
  needed: readonly string[] = Object.keys(properties),
): OptionsSchema => ({ type: "object", properties, required: needed, additionalProperties: false });

const bits = { enum: [4, 8] } as const;
const blockFormat = {
  ...{ bits, blockSize: count, isSymmetric: { type: "boolean" } },
  features: { enum: ["int8", "float"] },
};
const weightFormat = {
  anyOf: [{ enum: ["float32", "int8"] }, required(blockFormat, ["bits", "blockSize"])],
} as const;
const embeddingFormat = {
  anyOf: [{ enum: ["float32"] }, required({ bits, blockSize: count })],
} as const;

const settingsSchema = required({
  formatVersion: { const: 1 },
  formats: required({ layers: weightFormat, head: weightFormat, embedding: embeddingFormat }),
  matrices: {
    type: "object",
    additionalProperties: {
      anyOf: [
        required({
          ...{ kind: { const: "blocks" }, rows: count, columns: count },
          ...{ bits, blockSize: count },
        }),
        required({ kind: { const: "channels" }, outputs: count, inputs: count }),
      ],
    },
  },
});

function readSettings(file: string): QuantizationFile {
  try {
    return readOptions<QuantizationFile>(settingsFile, settingsSchema, readJsonObject(file));
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new InputError(`Cannot read ${file}: ${cause.message}`, { cause });
  }
}

/** What is taken is no float of the model any more. */
function takePart(tensors: Map<string, StoredTensor>, name: string): StoredTensor | undefined {
  const tensor = tensors.get(name);
  tensors.delete(name);
  return tensor;
}

/** Of integers of a byte each, in memory of their own. */
const bytesOf = (tensor: StoredTensor | undefined): Uint8Array<ArrayBuffer> | undefined =>
  tensor && new Uint8Array(tensor.bytes?.() ?? tensor.values);

type TakePart = (part: string) => StoredTensor | undefined;

function readMatrix(format: MatrixFormat, take: TakePart): QuantizedMatrix {
  const [codes, scales] = [bytesOf(take("codes")), take("scales")?.values];
  const expected =
    format.kind === "blocks"
      ? format.rows * blocksOf(format.columns, format.blockSize)
      : format.outputs;
  if (!codes || !scales || scales.length !== expected) {
    throw new RangeError(
      `expected codes and ${expected} scales of each matrix, got ${JSON.stringify(format)} with ${codes ? "" : "no codes and "}${scales?.length ?? 0} scales`,
    );
  }
  const floats = new Float32Array(scales);
  if (format.kind === "channels") {
    const { outputs, inputs } = format;
    if (codes.length !== outputs * inputs) {
      throw new RangeError(`expected ${outputs * inputs} codes of a matrix, got ${codes.length}`);
    }
    return { outputs, inputs, codes: new Int8Array(codes.buffer), scales: floats };
  }
  const { rows, columns, bits, blockSize } = format;
  const zeroPoints = bytesOf(take("zeroPoints"));
  return unpackBlocks(
    {
      bytes: codes,
      ...(zeroPoints && { zeroPoints }),
    },
    { rows, columns, bits, blockSize, scales: floats },
  );
}
