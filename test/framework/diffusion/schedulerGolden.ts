import { readFileSync } from "node:fs";

import { readSafetensors, type StoredTensor } from "../../../framework/weights/safetensors.ts";

const folder = "test/fixtures/stable-diffusion/tiny-sd-a/golden";

interface SamplerVariant {
  readonly class: string;
  readonly config: object;
  readonly step_kwargs: { readonly eta?: number };
  readonly num_inference_steps: number;
}

interface SamplingGolden {
  readonly schedulers: Readonly<Record<string, SamplerVariant>>;
  readonly sampling: { readonly guidance_scale: number; readonly scheduler_config: object };
}

/** What the published library computed; see the settings in `sampling.json`. */
export const golden: SamplingGolden = JSON.parse(readFileSync(`${folder}/sampling.json`, "utf8"));

/** A lookup in one golden file. */
export function goldenTensors(file: "schedulers" | "sampling"): (name: string) => StoredTensor {
  const tensors = readSafetensors(`${folder}/${file}.safetensors`);
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new RangeError(`Cannot find golden tensor ${name}`);
    return tensor;
  };
}
