import path from "node:path";

import { describeSampler } from "../../diffusion/samplerNames.ts";
import type { SamplePlan } from "./samplePlan.ts";
import type { SampleSettings } from "./sampleSettings.ts";

/** The keyword that readers of parameters look for in a PNG. */
export const parametersKeyword = "parameters";

/**
 * How a picture was made, in the layout of AUTOMATIC1111's stable-diffusion-webui, which other
 * programs read, too: the prompt, the negative one, and one line of settings.
 *
 * @param version of this program
 */
export function pictureParameters(
  { prompt, seed }: { prompt: string; seed: number },
  settings: SampleSettings,
  { scheduler, width, height, strength }: SamplePlan,
  version: string,
): string {
  const { negative, steps, guidance, guidanceRescale, eta, clipSkip, loras, initImage, mask } =
    settings;
  const { sampler, schedule } = describeSampler(scheduler);
  const list: [name: string, value: string | number | undefined][] = [
    ["Steps", steps],
    ["Sampler", sampler],
    ["Schedule type", schedule],
    ["CFG scale", guidance],
    ["Seed", seed],
    ["Size", `${width}x${height}`],
    ["Model", path.parse(settings.model).name],
    ["Denoising strength", initImage === undefined ? undefined : strength],
    ["Init image", initImage && path.basename(initImage)],
    ["Mask", mask && path.basename(mask)],
    ["Clip skip", clipSkip > 1 ? clipSkip : undefined],
    ["Eta", eta > 0 ? eta : undefined],
    ["CFG rescale", guidanceRescale > 0 ? guidanceRescale : undefined],
    ["LoRA", loras.map(({ file, scale }) => `${path.parse(file).name}: ${scale}`).join(", ")],
    ["Version", `seedbed ${version}`],
  ];
  const line = list
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${quoted(String(value))}`)
    .join(", ");
  const lines = negative === "" ? [prompt, line] : [prompt, `Negative prompt: ${negative}`, line];
  return lines.join("\n");
}

/** What would end a value is quoted as JSON. */
function quoted(value: string): string {
  return /[,\n:]/.test(value) ? JSON.stringify(value) : value;
}
