import { expect } from "chai";

import { Decoder } from "../../../../framework/models/decoder.ts";
import { loadParameters } from "../../../../framework/nn/loadParameters.ts";
import { ropeFrequencies } from "../../../../framework/nn/rope/index.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedVariant {
  readonly rope_scaling: object;
  readonly max_position_embeddings: number;
  readonly rope_theta: number;
  readonly attention_factor: number;
}

/** Rotary frequencies of longer texts, on the weights of a model beside the folder. */
export const rope: NanoCheck = {
  title: "rotary embeddings",
  tests: (folder) =>
    variantsOf(folder).map(([name, variant]) => ({
      title: `turn as published: ${name}`,
      run: () => compare(folder, name, variant),
    })),
};

function variantsOf(folder: NanoFolder): [name: string, variant: RecordedVariant][] {
  if (!folder.has("golden.json") || !folder.has("../smollm2-tiny/config.json")) return [];
  const recorded = Object.entries(folder.json<Record<string, RecordedVariant>>("golden.json"));
  return recorded.filter(([, variant]) => Object(variant).rope_scaling !== undefined);
}

async function compare(
  folder: NanoFolder,
  name: string,
  { rope_scaling, max_position_embeddings, rope_theta, ...variant }: RecordedVariant,
): Promise<void> {
  const golden = folder.golden();
  const { config, tensors } = readModelFolder(folder.path("../smollm2-tiny"));
  const changed = { ...config, rope_scaling, max_position_embeddings, rope_theta };
  const model = new Decoder(changed, { seed: null });
  try {
    loadParameters(model.parameters, tensors);
    const ids = golden.tensor("input_ids");
    const { inverse, attentionFactor } = ropeFrequencies(model.config, ids.shape[1]!);
    const expected = golden.host(`${name}.inv_freq`).values;
    expect(inverse).to.have.length(expected.length);
    inverse.forEach((frequency, i) =>
      expect(frequency, `frequency ${i}`).to.be.closeTo(expected[i]!, 1e-6 * expected[i]!),
    );
    expect(attentionFactor).to.be.closeTo(variant.attention_factor, 1e-12);
    await golden.compareTensor(`${name}.logits`, model.forward({ ids }).logits, 1e-4);
  } finally {
    model.dispose();
  }
}
