import * as tf from "@tensorflow/tfjs";
import {
  countPruned,
  pruneSmallest,
  readOptions,
  type Callback,
  type CompiledFunction,
  type MaskedWeights,
  type NamedVariables,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface PruningOptions {
  amount: number;
  initialAmount: number;
  startStep: number;
  endStep: number | null;
  everyNSteps: number;
  scope: "global" | "layer";
  parameters: string | null;
  makePermanent: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["amount"],
  properties: {
    amount: {
      type: "number",
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: "Share of the weights that is zero in the end.",
    },
    initialAmount: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description: "With endStep: share that is zero from startStep on.",
    },
    startStep: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Optimizer step after which pruning begins; 0: before training.",
    },
    endStep: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description:
        "Step at which `amount` is reached, by a cubic schedule: fast at first. null: at once.",
    },
    everyNSteps: {
      type: "integer",
      minimum: 1,
      default: 100,
      description: "With endStep: steps after which more weights are pruned.",
    },
    scope: {
      enum: ["global", "layer"],
      default: "global",
      description: "Compare the weights of all parameters, or prune each by the same share.",
    },
    parameters: {
      type: ["string", "null"],
      default: null,
      description:
        "Regular expression for the names of the parameters; null: all of two axes or more, which leaves out biases and norms.",
    },
    makePermanent: {
      type: "boolean",
      default: true,
      description:
        "Set pruned weights to zero also in what the fit ends with: averaged or restored weights may have others there.",
    },
  },
};

/**
 * Sets the weights of the smallest magnitude to zero and keeps them there while the others are
 * trained: after each optimizer step the parameters are multiplied by masks, which are part of
 * checkpoints. What was pruned once does not come back. Callbacks that average must be listed after it.
 *
 * Source: Zhu & Gupta 2017, arXiv:1710.01878, eq. 1 for the schedule; at once and unstructured it
 * is PyTorch's `L1Unstructured`.
 */
export function pruning(options: Partial<PruningOptions>): Callback {
  const settings = readPruningOptions(options);
  const { startStep, endStep, everyNSteps, scope } = settings;
  let parameters: NamedVariables = new Map();
  const masks = new Map<string, tf.Variable>();
  let multiply: CompiledFunction<Record<string, never>, tf.NamedTensorMap> | undefined;
  /** Step after which more weights are pruned; undefined: all that shall be are. */
  let next: number | undefined = startStep;
  let restored = false;
  let ended = false;

  function setup(state: TrainerState): void {
    if (state.task !== "fit") return;
    parameters = selectParameters(state.module.trainableParameters(), settings.parameters);
    for (const [name, { shape }] of parameters) {
      masks.set(
        name,
        tf.tidy(() => tf.variable(tf.ones(shape), false)),
      );
    }
    multiply = state.compile(() => {
      applyMasks();
      return {};
    });
  }

  function applyMasks(): void {
    for (const [name, mask] of masks) {
      const parameter = parameters.get(name)!;
      parameter.assign(parameter.mul(mask));
    }
  }

  /** @returns the share of the weights that is zero now */
  async function prune(step: number): Promise<number> {
    const tensors = new Map<string, MaskedWeights>();
    for (const [name, mask] of masks) {
      const weights = Float32Array.from(await parameters.get(name)!.data());
      tensors.set(name, { weights, mask: Float32Array.from(await mask.data()) });
    }
    const all = [...tensors.values()];
    for (const group of scope === "global" ? [all] : all.map((each) => [each])) {
      pruneSmallest(group, Math.round(sparsityAt(step, settings) * sizeOf(group)));
    }
    tf.tidy(() => {
      for (const [name, { mask }] of tensors) {
        const variable = masks.get(name)!;
        variable.assign(tf.tensor(mask, variable.shape));
      }
    });
    const isDone = endStep === null || step >= endStep;
    next = isDone ? undefined : Math.min(step + everyNSteps, endStep);
    await multiply?.({});
    return countPruned(all) / sizeOf(all);
  }

  return {
    name: "pruning",
    precedes: ["weightAveraging", "stochasticWeightAveraging"],
    stateKey: "pruning",
    setup,
    async onFitStart() {
      if (!restored && startStep === 0) await prune(0);
    },
    async onTrainBatchEnd(state) {
      const { step, stepFinished } = state;
      if (!stepFinished || step < startStep) return;
      if (next === undefined || step < next) await multiply?.({});
      else state.log("pruning/sparsity", await prune(step));
    },
    onFitEnd() {
      ended = true;
    },
    teardown() {
      // after every callback's onFitEnd, where averaged or restored weights get into the model
      if (ended && settings.makePermanent) tf.tidy(applyMasks);
      multiply?.dispose();
      for (const mask of masks.values()) mask.dispose();
      masks.clear();
      [next, restored, ended] = [startStep, false, false];
    },
    stateVariables: () => masks,
    stateDict: () => ({ next: next ?? null }),
    loadStateDict(state) {
      next = state["next"] === null ? undefined : Number(state["next"]);
      restored = true;
    },
  };
}

function readPruningOptions(options: Partial<PruningOptions>): PruningOptions {
  const settings = readOptions<PruningOptions>("pruning", optionsSchema, options);
  const { amount, initialAmount, startStep, endStep } = settings;
  if (endStep !== null && endStep <= startStep) {
    throw new RangeError(
      `Cannot build pruning: expected endStep after startStep ${startStep}, got ${endStep}`,
    );
  }
  if (initialAmount > amount || (initialAmount > 0 && endStep === null)) {
    throw new RangeError(
      `Cannot build pruning: expected initialAmount up to amount ${amount} and an endStep, got ${initialAmount}`,
    );
  }
  return settings;
}

/** From `initialAmount` to `amount`; the slope is steepest at the start, where most is redundant. */
function sparsityAt(
  step: number,
  { amount, initialAmount, startStep, endStep }: PruningOptions,
): number {
  if (endStep === null || step >= endStep) return amount;
  const left = 1 - (step - startStep) / (endStep - startStep);
  return amount + (initialAmount - amount) * left ** 3;
}

function selectParameters(all: NamedVariables, pattern: string | null): NamedVariables {
  const isChosen = ([name, { rank }]: [string, tf.Variable]): boolean =>
    pattern === null ? rank >= 2 : new RegExp(pattern).test(name);
  const chosen = new Map([...all].filter(isChosen));
  if (chosen.size > 0) return chosen;
  const wanted = pattern === null ? "parameters of two axes" : `parameters matching /${pattern}/`;
  throw new RangeError(`Cannot prune: expected ${wanted}, got only ${[...all.keys()].join(", ")}`);
}

const sizeOf = (tensors: readonly MaskedWeights[]): number =>
  tensors.reduce((sum, { mask }) => sum + mask.length, 0);
