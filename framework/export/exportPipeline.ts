import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { StagedFolder } from "../base/stagedFolder.ts";
import { schedulerConfigJson } from "../diffusion/schedulerConfig.ts";
import type { PipelineComponents } from "../pipelines/pipelineComponents.ts";
import { toCompVis } from "../weights/names/compVis.ts";
import { writePipelineFolder, type ComponentContent } from "../weights/pipelineFolder.ts";
import { writeSafetensors } from "../weights/safetensors.ts";

/** How weights are stored; those that half precision cannot hold exactly are rounded once. */
export type ExportDtype = "float32" | "float16";

const stored = { float32: "F32", float16: "F16" } as const;

/**
 * Writes a pipeline in the folder layout of diffusers, whole or not at all. A folder of that name
 * is replaced.
 *
 * @throws {InputError} when a weight is beyond the range of float16
 */
export function exportFolder(
  folder: string,
  components: PipelineComponents,
  dtype: ExportDtype,
): void {
  const staged = new StagedFolder(folder);
  const { unet, vae, textEncoder, scheduler, tokenizerFiles } = components;
  const content = ({
    model,
    config,
  }: typeof unet | typeof vae | typeof textEncoder): ComponentContent => ({
    config,
    tensors: tensorsOf(model.parameters),
  });
  try {
    asInput(() =>
      writePipelineFolder(
        staged.path,
        {
          unet: content(unet),
          vae: content(vae),
          textEncoder: content(textEncoder),
          schedulerConfig: schedulerConfigJson(scheduler),
          tokenizerFiles,
        },
        { dtype: stored[dtype] },
      ),
    );
    staged.commit();
  } finally {
    staged.discard();
  }
}

/**
 * Writes a pipeline's weights as one `.safetensors` under the names of the original code, whole or
 * not at all. Stable Diffusion 2's text encoder gets OpenCLIP's names.
 *
 * @throws {InputError} when a weight is beyond the range of float16
 */
export function exportSingleFile(
  file: string,
  { unet, vae, textEncoder }: PipelineComponents,
  dtype: ExportDtype,
): void {
  const tensors = toCompVis(
    {
      unet: new Map(tensorsOf(unet.model.parameters)),
      vae: new Map(tensorsOf(vae.model.parameters)),
      textEncoder: new Map(tensorsOf(textEncoder.model.parameters)),
    },
    { unet: unet.config, vae: vae.config, textEncoder: textEncoder.config },
    { openClip: textEncoder.model.config.hidden_act === "gelu" },
  );
  const metadata = { format: "pt" };
  asInput(() => writeSafetensors(file, tensors, { dtype: stored[dtype], metadata }));
}

/** Parameters whose values are read when, and each time, they are asked for. */
function* tensorsOf(
  parameters: ReadonlyMap<string, tf.Variable>,
): Generator<readonly [name: string, tensor: HostTensor]> {
  for (const [name, variable] of parameters) {
    const { shape } = variable;
    yield [
      name,
      {
        shape,
        get values() {
          return variable.dataSync<"float32">();
        },
      },
    ];
  }
}

/** What is out of range is so because of the user's weights. */
function asInput(write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(cause.message, { cause });
  }
}
