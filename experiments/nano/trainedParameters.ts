import {
  addLora,
  mergeLora,
  peftPrefix,
  readLoraLayers,
  writePeftAdapter,
  type NamedVariables,
} from "seedbed";

import type { LoraSettings } from "./settings/lora.ts";

/** What of a model is trained: some of its own parameters, or changes of low rank beside them. */
export interface TrainedParameters {
  readonly parameters: NamedVariables;
  /** What stays as it is. */
  readonly frozen: NamedVariables;
  /**
   * After training: writes changes of low rank as an adapter, if there are any, and adds them to the
   * model's weights.
   *
   * @param folder of the adapter
   */
  finish(folder: string): Promise<void>;
  /** Takes changes off the model that were not added to its weights. */
  dispose(): void;
}

export interface TrainedParametersOptions {
  /** Null: the parameters themselves are trained. */
  readonly lora: LoraSettings | null;
  /** Of the run. */
  readonly seed: number;
  /** Where the model came from; null: from nothing. */
  readonly baseModel: string | null;
}

/** @param model all of it; `own` are those of its parameters that may be trained, default all */
export function trainedParameters(
  model: { readonly parameters: NamedVariables; readonly own?: NamedVariables },
  { lora, seed, baseModel }: TrainedParametersOptions,
): TrainedParameters {
  const { parameters: all, own = all } = model;
  if (lora === null) {
    const frozen = new Map([...all].filter(([name]) => !own.has(name)));
    return { parameters: own, frozen, finish: async () => {}, dispose() {} };
  }
  const adapted = { [peftPrefix]: { parameters: own } };
  const { rank, alpha, targets } = lora;
  const added = addLora(adapted, {
    ...{ rank, targets, seed: lora.seed ?? seed },
    ...(alpha !== null && { alpha }),
  });
  let isAdded = true;
  const dispose = (): void => {
    if (isAdded) added.dispose();
    isAdded = false;
  };
  return {
    parameters: added.parameters,
    frozen: all,
    async finish(folder) {
      const layers = await readLoraLayers(added.layers);
      writePeftAdapter(folder, layers, { baseModel, taskType: "CAUSAL_LM" });
      dispose();
      const merge = mergeLora(adapted);
      merge.merge(layers);
      merge.dispose();
    },
    dispose,
  };
}
