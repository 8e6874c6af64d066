import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

import { pipelineParameters } from "../../../framework/export/restorePipeline.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { fromCompVis, toCompVis, type PerModel } from "../../../framework/weights/names/compVis.ts";
import { readPipelineFolder } from "../../../framework/weights/pipelineFolder.ts";
import { writeSafetensors } from "../../../framework/weights/safetensors.ts";
import type { StoredTensor } from "../../../framework/weights/storedTensor.ts";
import type { FixtureSet } from "../fixtureSet.ts";
import type { OriginalName } from "../manifest.ts";
import type { ParityCheck } from "../parityCheck.ts";
import { inTemporaryFolder } from "../temporaryFolder.ts";

const originalNames = "golden/ldm_keys.json";

/** Weights under the names of the original code. */
export const checkpointNames: ParityCheck = {
  title: "names of checkpoints",
  files: [],
  tests: (set) => [
    ...(set.has(originalNames)
      ? [{ title: "are those of the published converter", run: () => compareNames(set) }]
      : []),
    ...[false, true].map((openClip) => ({
      title: `load one file of Stable Diffusion ${openClip ? 2 : 1} as the folder it came from`,
      run: () => compareFile(set, openClip),
    })),
  ],
};

/** The set's weights and settings, by model. */
function models(set: FixtureSet): {
  tensors: PerModel<ReadonlyMap<string, StoredTensor>>;
  configs: PerModel<Readonly<Record<string, unknown>>>;
} {
  const { unet, vae, textEncoder } = readPipelineFolder(set.folder);
  return {
    tensors: { unet: unet.tensors, vae: vae.tensors, textEncoder: textEncoder.tensors },
    configs: { unet: unet.config, vae: vae.config, textEncoder: textEncoder.config },
  };
}

function compareNames(set: FixtureSet): void {
  const { tensors, configs } = models(set);
  const expected: OriginalName[] = JSON.parse(readFileSync(set.path(originalNames), "utf8"));
  const original = toCompVis(tensors, configs, { openClip: false });
  const shapes = new Map([...original].map(([name, { shape }]) => [name, shape]));
  expect(shapes).to.deep.equal(new Map(expected.map(([, name, shape]) => [name, shape])));
  const stored = new Map(
    [...original].map(([name, tensor]) => [name, { dtype: "F32" as const, ...tensor }]),
  );
  const { unet, vae, textEncoder } = fromCompVis(stored, configs);
  const names = [
    ...[...unet.keys()].map((name) => `unet/${name}`),
    ...[...vae.keys()].map((name) => `vae/${name}`),
    ...[...textEncoder.keys()].map((name) => `text_encoder/${name}`),
  ];
  expect(names).to.have.members(expected.map(([name]) => name));
}

/** The folder's settings go with the file. */
function compareFile(set: FixtureSet, openClip: boolean): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const pipelines: PipelineComponents[] = [];
    try {
      const { tensors, configs } = models(set);
      const file = path.join(folder, "model.safetensors");
      writeSafetensors(file, toCompVis(tensors, configs, { openClip }));
      pipelines.push(loadPipeline(set.folder), loadPipeline(file, { settings: set.folder }));
      const [expected, loaded] = pipelines.map(pipelineParameters);
      expect([...loaded!.keys()]).to.deep.equal([...expected!.keys()]);
      for (const [name, variable] of expected!) {
        expect(await loaded!.get(name)!.data(), name).to.deep.equal(await variable.data());
      }
    } finally {
      pipelines.forEach(disposePipeline);
    }
  });
}
