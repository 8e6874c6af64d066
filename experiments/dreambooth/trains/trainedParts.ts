import { InputError, type ExperimentSpec, type PipelineComponents } from "seedbed";

import type { DiffusionModuleOptions } from "../../textToImage/diffusionModule.ts";
import { trainedLayers } from "../../textToImage/trainedLayers.ts";
import type { ModelSettings } from "../settings/model.ts";
import type { AdaptedPipeline } from "./adaptedPipeline.ts";
import { freezeAfter } from "./freezeAfter.ts";
import { optimizerConfig } from "./optimizerConfig.ts";

/** What the settings say of who learns, for the module. */
export function trainedParts(
  spec: ExperimentSpec,
  { trains, lora, learningRates }: ModelSettings,
  { components, parameters }: Pick<AdaptedPipeline, "components" | "parameters">,
): Pick<DiffusionModuleOptions, "vae" | "trains" | "adapters" | "callbacks" | "optimizerConfig"> {
  const { unet, textEncoder, textEncoderUntil: until } = trains;
  return {
    vae: components.vae.model,
    trains: lora ? { unet: false, textEncoder: false } : { unet, textEncoder },
    adapters: parameters,
    callbacks: () => (until === null ? [] : [freezeAfter("textEncoder", "text_encoder.", until)]),
    optimizerConfig: optimizerConfig(spec, learningRates),
  };
}

/** @throws {InputError} naming the key and the patterns that match no layer */
export function checkLayers(
  { unet, textEncoder }: PipelineComponents,
  { trains }: Pick<ModelSettings, "trains">,
): void {
  const parts = { unet, textEncoder };
  for (const part of ["unet", "textEncoder"] as const) {
    try {
      trainedLayers({ [part]: parts[part].model.parameters }, { [part]: trains[part] });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new InputError(`Cannot use model.trains.${part}: ${cause.message}`, { cause });
    }
  }
}
