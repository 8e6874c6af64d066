import path from "node:path";

import { expect } from "chai";

import type { HostTensor } from "../../../framework/base/hostTensor.ts";
import { runOnnx } from "../../../framework/cli/exporting/checkOnnx.ts";
import { exportOnnx } from "../../../framework/cli/exporting/exportOnnx.ts";
import {
  exportFolder,
  exportSingleFile,
  type ExportDtype,
} from "../../../framework/export/exportPipeline.ts";
import { pipelineParameters } from "../../../framework/export/restorePipeline.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { floatsToHalves, halvesToFloats } from "../../../framework/weights/half.ts";
import { expectClose, rowOf, type FixtureSet, type Golden } from "../fixtureSet.ts";
import type { ParityCheck, ParityTest } from "../parityCheck.ts";
import { inTemporaryFolder } from "../temporaryFolder.ts";
import { withPipeline } from "../withModels.ts";

/** A pipeline that is written comes back as it was, or computes the same elsewhere. */
export const exports: ParityCheck = {
  title: "exports",
  files: [],
  tests: (set) => [
    ...(["float32", "float16"] as const).flatMap((dtype): ParityTest[] => [
      {
        title: `come back from a folder of diffusers, ${dtype}`,
        run: () => compareFolder(set, dtype),
      },
      {
        title: `come back from one file of the original's names, ${dtype}`,
        run: () => compareSingleFile(set, dtype),
      },
    ]),
    { title: "give the published outputs as ONNX", slow: true, run: () => compareOnnx(set) },
  ],
};

function withPipelineAndFolder(
  set: FixtureSet,
  use: (components: PipelineComponents, folder: string) => Promise<void>,
): Promise<void> {
  return withPipeline(set, (components) => inTemporaryFolder((folder) => use(components, folder)));
}

function compareFolder(set: FixtureSet, dtype: ExportDtype): Promise<void> {
  return withPipelineAndFolder(set, async (components, folder) => {
    const out = path.join(folder, "exported");
    exportFolder(out, components, dtype);
    compareParameters(components, loadPipeline(out), dtype);
  });
}

function compareSingleFile(set: FixtureSet, dtype: ExportDtype): Promise<void> {
  return withPipelineAndFolder(set, async (components, folder) => {
    const out = path.join(folder, "exported.safetensors");
    exportSingleFile(out, components, dtype);
    compareParameters(components, loadPipeline(out, { settings: set.folder }), dtype);
  });
}

/** To the bit; in float16 to the bit of what is nearest. */
function compareParameters(
  written: PipelineComponents,
  read: PipelineComponents,
  dtype: ExportDtype,
): void {
  try {
    const [expected, actual] = [pipelineParameters(written), pipelineParameters(read)];
    expect([...actual.keys()]).to.deep.equal([...expected.keys()]);
    for (const [name, variable] of expected) {
      const values = variable.dataSync<"float32">();
      const nearest = dtype === "float16" ? halvesToFloats(floatsToHalves(values)) : values;
      expect(actual.get(name)!.dataSync(), name).to.deep.equal(nearest);
    }
    expect(read.scheduler).to.deep.equal(written.scheduler);
  } finally {
    disposePipeline(read);
  }
}

/** What a set's golden files say of the four models, where it has them. */
function compareOnnx(set: FixtureSet): Promise<void> {
  return withPipelineAndFolder(set, async (components, folder) => {
    const out = path.join(folder, "exported");
    await exportOnnx(out, components, { dtype: "float32", print() {} });
    const run = (name: string, inputs: Record<string, HostTensor>): ReturnType<typeof runOnnx> =>
      runOnnx(path.join(out, name, "model.onnx"), new Map(Object.entries(inputs)));
    const has = (file: string): boolean => file in set.manifest.files;
    if (has("text_encoder")) await compareText(set, run);
    if (has("unet")) await compareUnet(set, run);
    if (has("vae")) await compareVae(set, run);
  });
}

/** As a batch of one. */
function alone({ shape, values }: HostTensor): HostTensor {
  return { shape: [1, ...shape], values };
}

function timestepOf(golden: Golden, name: string, row: number): HostTensor {
  return { shape: [1], values: Float32Array.of(golden.host(name).values[row]!) };
}

type Run = (
  name: string,
  inputs: Record<string, HostTensor>,
) => Promise<ReadonlyMap<string, HostTensor>>;

async function compareText(set: FixtureSet, run: Run): Promise<void> {
  const golden = set.golden("text_encoder");
  const tolerance = set.tolerance("text_encoder.last_hidden_state");
  const outputs = await run("text_encoder", { input_ids: golden.host("input_ids") });
  for (const [name, value] of outputs) golden.compare(name, value, tolerance);
}

/** The file takes one timestep for all. */
async function compareUnet(set: FixtureSet, run: Run): Promise<void> {
  const golden = set.golden("unet");
  const tolerance = set.tolerance("unet.output");
  const [rows = 0] = golden.host("sample").shape;
  const expected = golden.host("output");
  for (let row = 0; row < rows; row++) {
    const one = (name: string): HostTensor => alone(rowOf(golden.host(name), row));
    const outputs = await run("unet", {
      sample: one("sample"),
      timestep: timestepOf(golden, "timesteps", row),
      encoder_hidden_states: one("encoder_hidden_states"),
    });
    expectClose(`row ${row}`, outputs.get("out_sample")!, alone(rowOf(expected, row)), tolerance);
  }
  if (!golden.has("nonsquare.output")) return;
  const outputs = await run("unet", {
    sample: golden.host("nonsquare.sample"),
    timestep: timestepOf(golden, "nonsquare.timestep", 0),
    encoder_hidden_states: golden.host("nonsquare.encoder_hidden_states"),
  });
  golden.compare("nonsquare.output", outputs.get("out_sample")!, tolerance);
}

async function compareVae(set: FixtureSet, run: Run): Promise<void> {
  const golden = set.golden("vae");
  const encoded = await run("vae_encoder", { sample: golden.host("image") });
  const tolerance = set.tolerance("vae.moments");
  golden.compare("mean", encoded.get("latent_sample")!, tolerance);
  golden.compare("moments", encoded.get("latent_parameters")!, tolerance);
  const decoded = await run("vae_decoder", { latent_sample: golden.host("decode.latents") });
  golden.compare("decode.image", decoded.get("sample")!, set.tolerance("vae.decode"));
}
