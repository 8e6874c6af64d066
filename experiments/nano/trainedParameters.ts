import {
  addLora,
  mergedWeights,
  mergeLora,
  peftPrefix,
  readLoraLayers,
  sharedParameters,
  writePeftAdapter,
  type HostTensor,
  type LoraOptions,
  type NamedVariables,
} from "seedbed";

import type { LoraSettings } from "./settings/lora.ts";

/** What of a model is trained: some of its own parameters, or changes of low rank beside them. */
export interface TrainedParameters {
  readonly parameters: NamedVariables;
  /** What stays as it is. */
  readonly frozen: NamedVariables;
  /**
   * All weights of the model as it computes with them now, those of low rank added: in the arrays that
   * it has where it can be, which are not to be written to.
   */
  readonly weights: () => Promise<ReadonlyMap<string, HostTensor>>;
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
  readonly lora: LoraSettings | null;
  /** Of the run. */
  readonly seed: number;
  /** Where the model came from; null: from nothing. */
  readonly baseModel: string | null;
}

/** Which of a model's parameters learn, and how. */
export interface TrainedParts {
  /** Themselves. */
  readonly full?: NamedVariables;
  /** Those of some of their layers by changes of low rank beside them. */
  readonly adapted?: NamedVariables;
}

/**
 * @param all parameters of the model
 * @throws {RangeError} when layers are to be adapted, and no `lora` says how
 */
export function trainedParameters(
  all: NamedVariables,
  { full = new Map(), adapted }: TrainedParts,
  options: TrainedParametersOptions,
): TrainedParameters {
  const frozen = new Map([...all].filter(([name]) => !full.has(name)));
  const shared = (): Map<string, HostTensor> => sharedParameters(all);
  if (!adapted) {
    const weights = async (): Promise<Map<string, HostTensor>> => shared();
    return { parameters: full, frozen, weights, finish: async () => {}, dispose() {} };
  }
  const models = { [peftPrefix]: { parameters: adapted } };
  const added = addLora(models, loraOptions(options));
  let isAdded = true;
  const dispose = (): void => {
    if (isAdded) added.dispose();
    isAdded = false;
  };
  return {
    parameters: new Map([...full, ...added.parameters]),
    frozen,
    async weights() {
      const weights = shared();
      if (!isAdded) return weights;
      for (const [name, values] of await mergedWeights(models, added.layers)) {
        weights.set(name.slice(`${peftPrefix}.`.length), values);
      }
      return weights;
    },
    async finish(folder) {
      const layers = await readLoraLayers(added.layers);
      writePeftAdapter(folder, layers, { baseModel: options.baseModel, taskType: "CAUSAL_LM" });
      dispose();
      const merge = mergeLora(models);
      merge.merge(layers);
      merge.dispose();
    },
    dispose,
  };
}

function loraOptions({ lora, seed }: TrainedParametersOptions): LoraOptions {
  if (lora === null) throw new RangeError("Cannot adapt layers: expected lora, got null");
  const { rank, alpha, targets } = lora;
  const own = { rank, targets, seed: lora.seed ?? seed };
  return alpha === null ? own : { ...own, alpha };
}
