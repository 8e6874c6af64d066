import { readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

import { loadDecoder } from "../../../../framework/pipelines/loadDecoder.ts";
import { loadIdefics3 } from "../../../../framework/pipelines/loadIdefics3.ts";
import { saveModel } from "../../../../framework/pipelines/saveModel.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import { readSafetensorsHeader } from "../../../../framework/weights/safetensors.ts";
import type { WriteShardedOptions } from "../../../../framework/weights/shardedSafetensors.ts";
import { inTemporaryFolder } from "../../temporaryFolder.ts";
import { isDecoderFolder } from "../decoderFolder.ts";
import { isIdefics3Folder } from "../idefics3Folder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Models that were read and written hold the same numbers. */
export const savedModel: NanoCheck = {
  title: "a saved model",
  tests(folder) {
    if (!isDecoderFolder(folder) && !isIdefics3Folder(folder)) return [];
    return [
      { title: "is what was read", run: () => roundTrip(folder, {}) },
      {
        title: "is what was read, in several files",
        slow: true,
        run: () => roundTrip(folder, { maxShardBytes: 100_000 }),
      },
      ...(folder.has(indexFile)
        ? [{ title: "is in the files that an index names", run: () => index(folder) }]
        : []),
    ];
  },
};

const indexFile = "model.safetensors.index.json";

async function roundTrip(files: NanoFolder, options: WriteShardedOptions): Promise<void> {
  const { folder } = files;
  const { config, tensors, weightsFile } = readModelFolder(folder);
  const isShort = [...tensors.values()].every(({ dtype }) => dtype === "BF16");
  const dtype = isShort ? "BF16" : "F32";
  const model = "vision_config" in config ? loadIdefics3(folder) : loadDecoder(folder);
  try {
    await inTemporaryFolder(async (copy) => {
      await saveModel(copy, model, config, { dtype, ...options });
      const read = readModelFolder(copy);
      expect(read.config).to.deep.equal(config);
      expect([...read.tensors.keys()]).to.have.members([...tensors.keys()]);
      for (const [name, { dtype: stored, shape, values }] of read.tensors) {
        const expected = tensors.get(name)!;
        expect({ stored, shape }, name).to.deep.equal({ stored: dtype, shape: expected.shape });
        expect(Buffer.compare(bytesOf(values), bytesOf(expected.values)), name).to.equal(0);
      }
      if (options.maxShardBytes) expect(readdirSync(copy).length).to.be.above(3);
      // All settings and weights have been compared.
      files.file("config.json");
      if (weightsFile.endsWith(".safetensors")) files.file(path.basename(weightsFile));
    });
  } finally {
    model.dispose();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The index names each weight's file, and has the size of all of them. */
function index(folder: NanoFolder): void {
  const { weight_map, metadata } = folder.json<{
    readonly weight_map: Readonly<Record<string, string>>;
    readonly metadata: { readonly total_size: number };
  }>(indexFile);
  const found: [name: string, file: string][] = [];
  let bytes = 0;
  for (const file of new Set(Object.values(weight_map))) {
    for (const [name, { byteLength }] of readSafetensorsHeader(folder.file(file)).tensors) {
      found.push([name, file]);
      bytes += byteLength;
    }
  }
  expect(Object.fromEntries(found)).to.deep.equal(weight_map);
  expect(bytes).to.equal(metadata.total_size);
}
