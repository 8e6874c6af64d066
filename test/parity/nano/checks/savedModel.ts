import { readdirSync } from "node:fs";

import { expect } from "chai";

import { loadDecoder } from "../../../../framework/pipelines/loadDecoder.ts";
import { loadIdefics3 } from "../../../../framework/pipelines/loadIdefics3.ts";
import { saveModel } from "../../../../framework/pipelines/saveModel.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
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
    ];
  },
};

async function roundTrip({ folder }: NanoFolder, options: WriteShardedOptions): Promise<void> {
  const { config, tensors } = readModelFolder(folder);
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
    });
  } finally {
    model.dispose();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
