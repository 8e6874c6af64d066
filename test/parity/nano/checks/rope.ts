import { expect } from "chai";

import { Decoder } from "../../../../framework/models/decoder.ts";
import { readDecoderConfig } from "../../../../framework/models/decoderConfig.ts";
import { loadParameters } from "../../../../framework/nn/loadParameters.ts";
import { ropeFrequencies } from "../../../../framework/nn/rope/index.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import { compareAllLogits, textOf, withEngine } from "../nanoEngine.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedVariant {
  readonly rope_scaling: object;
  readonly max_position_embeddings: number;
  readonly rope_theta: number;
  readonly attention_factor: number;
  readonly head_dim: number;
}

/** Rotary frequencies of longer texts, on the weights of a model beside the folder. */
export const rope: NanoCheck = {
  title: "rotary embeddings",
  tests: (folder) =>
    variantsOf(folder).map(([name, variant]) => ({
      title: `turn as published: ${name}`,
      run: async () => {
        await compare(folder, name, variant);
        await compareEngine(folder, name, variant);
      },
    })),
};

const model = "../smollm2-tiny";

function variantsOf(folder: NanoFolder): [name: string, variant: RecordedVariant][] {
  if (!folder.has("golden.json") || !folder.has(`${model}/config.json`)) return [];
  const recorded = Object.entries(folder.json<Record<string, RecordedVariant>>("golden.json"));
  return recorded.filter(([, variant]) => Object(variant).rope_scaling !== undefined);
}

async function compare(
  folder: NanoFolder,
  name: string,
  { rope_scaling, max_position_embeddings, rope_theta, ...variant }: RecordedVariant,
): Promise<void> {
  const golden = folder.golden();
  const { config, tensors } = readModelFolder(folder.path(model));
  const changed = { ...config, rope_scaling, max_position_embeddings, rope_theta };
  const decoder = new Decoder(changed, { seed: null });
  try {
    loadParameters(decoder.parameters, tensors);
    const ids = golden.tensor("input_ids");
    const { inverse, attentionFactor } = ropeFrequencies(decoder.config, ids.shape[1]!);
    const expected = golden.host(`${name}.inv_freq`).values;
    expect(inverse).to.have.length(expected.length);
    inverse.forEach((frequency, i) =>
      expect(frequency, `frequency ${i}`).to.be.closeTo(expected[i]!, 1e-6 * expected[i]!),
    );
    expect(attentionFactor).to.be.closeTo(variant.attention_factor, 1e-12);
    expect(decoder.config.head_dim).to.equal(variant.head_dim);
    await golden.compareTensor(`${name}.logits`, decoder.forward({ ids }).logits, 1e-4);
  } finally {
    decoder.dispose();
  }
}

/** "dynamic" depends on how long texts are, which is the row's capacity in an engine. */
async function compareEngine(
  folder: NanoFolder,
  name: string,
  { rope_scaling, max_position_embeddings, rope_theta }: RecordedVariant,
): Promise<void> {
  const golden = folder.golden();
  const plain = readModelFolder(folder.path(model)).config;
  const changed = { ...plain, rope_scaling, max_position_embeddings, rope_theta };
  const ids = textOf(golden, "input_ids", 0);
  const options = { config: readDecoderConfig(changed), capacity: ids.length };
  await withEngine(folder.path(model), options, async (engine) => {
    const logits = await engine.feed(0, ids, { chunk: 20 });
    compareAllLogits(golden, `${name}.logits`, logits);
  });
}
