import {
  readOptions,
  requireTrainingStep,
  type Callback,
  type OptionsSchema,
  type StagedTraining,
  type TrainerState,
} from "seedbed";

export interface BackboneFinetuningOptions {
  parameters: string;
  unfreezeBackboneAtEpoch: number;
  unfreezeBackboneAtStep: number | null;
  backboneInitialRatioLr: number;
  lambda: number;
  shouldAlign: boolean;
  verbose: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["parameters"],
  properties: {
    parameters: {
      type: "string",
      minLength: 1,
      description: "The backbone: a regular expression that is looked for in parameters' names.",
    },
    unfreezeBackboneAtEpoch: {
      type: "integer",
      minimum: 0,
      default: 10,
      description: "First epoch, from 0, in which the backbone is trained.",
    },
    unfreezeBackboneAtStep: {
      type: ["integer", "null"],
      minimum: 0,
      default: null,
      description: "Instead of the epoch: optimizer steps after which it is trained.",
    },
    backboneInitialRatioLr: {
      type: "number",
      exclusiveMinimum: 0,
      default: 0.1,
      description: "Its learning rate at first, as a factor on that of other parameters.",
    },
    lambda: {
      type: "number",
      exclusiveMinimum: 0,
      default: 2,
      description: "What the factor is multiplied with when another epoch begins.",
    },
    shouldAlign: {
      type: "boolean",
      default: true,
      description: "Let the factor grow up to 1 and no further.",
    },
    verbose: {
      type: "boolean",
      default: true,
      description: "Print the factor when it changes.",
    },
  },
};

/**
 * Trains new layers first: the parameters of the backbone are frozen until an epoch or a step, and
 * trained from then on with a learning rate that grows to that of the others. While they are frozen
 * their gradients are not computed, and they and their moments keep their bits; afterwards they are
 * as new to the optimizer: bias corrections count from the unfreezing. Schedules act on both.
 *
 * Several of these with other parameters unfreeze a model in stages. A parameter belongs to the
 * first whose pattern matches.
 */
export function backboneFinetuning(options: Partial<BackboneFinetuningOptions>): Callback {
  const settings = readOptions<BackboneFinetuningOptions>(
    "backboneFinetuning",
    optionsSchema,
    options,
  );
  const { parameters: pattern, unfreezeBackboneAtStep: unfreezeStep, verbose } = settings;
  const expression = readPattern(pattern);
  const key = `backboneFinetuning(${pattern})`;
  let backbone: ReadonlySet<string> = new Set();
  let unfrozen: { step: number; epoch: number } | undefined;

  const isDue = ({ step, epoch }: { step: number; epoch: number }): boolean =>
    unfreezeStep === null ? epoch >= settings.unfreezeBackboneAtEpoch : step >= unfreezeStep;

  function trainingIn(epoch: number): StagedTraining | undefined {
    if (!unfrozen) return undefined;
    return { sinceStep: unfrozen.step, lrFactor: factorAt(epoch - unfrozen.epoch, settings) };
  }

  function stage(state: TrainerState): void {
    const before = state.stagedGroups.get(key)?.training?.lrFactor;
    const training = trainingIn(state.epoch);
    state.stagedGroups.set(key, { parameters: backbone, training });
    if (!verbose || training === undefined || training.lrFactor === before) return;
    state.print(
      `backboneFinetuning at step ${state.step}: ${backbone.size} parameters that match ${expression} train at ${training.lrFactor} of the learning rate`,
    );
  }

  function unfreezeIfDue(state: TrainerState): void {
    if (!isDue(state)) return;
    unfrozen ??= { step: state.step, epoch: state.epoch };
    stage(state);
  }

  return {
    name: "backboneFinetuning",
    stateKey: key,
    setup(state) {
      if (state.task !== "fit") return;
      backbone = findBackbone(state, expression);
      const training = isDue({ step: 0, epoch: 0 })
        ? { sinceStep: 0, lrFactor: factorAt(0, settings) }
        : undefined;
      state.stagedGroups.set(key, { parameters: backbone, training }); // for what tunes first
    },
    onFitStart(state) {
      if (unfrozen) stage(state);
    },
    onTrainEpochStart: unfreezeIfDue,
    onTrainBatchStart: unfreezeIfDue,
    teardown() {
      unfrozen = undefined;
    },
    stateDict: () => ({ step: unfrozen?.step ?? null, epoch: unfrozen?.epoch ?? null }),
    loadStateDict({ step, epoch }) {
      unfrozen = step === null ? undefined : { step: Number(step), epoch: Number(epoch) };
    },
  };
}

/** @param epochs since the unfreezing */
function factorAt(
  epochs: number,
  { backboneInitialRatioLr, lambda, shouldAlign }: BackboneFinetuningOptions,
): number {
  const factor = backboneInitialRatioLr * lambda ** epochs;
  return shouldAlign ? Math.min(1, factor) : factor;
}

function findBackbone({ module, stagedGroups }: TrainerState, pattern: RegExp): Set<string> {
  requireTrainingStep("freeze parameters", module);
  const names = [...module.trainableParameters().keys()];
  const taken = new Set([...stagedGroups.values()].flatMap(({ parameters }) => [...parameters]));
  const backbone = names.filter((name) => pattern.test(name) && !taken.has(name));
  if (backbone.length === 0) {
    const some = names.slice(0, 5).join(", ");
    throw new RangeError(
      `Cannot freeze parameters: expected one that matches ${pattern}, got none of ${some}`,
    );
  }
  if (backbone.length + taken.size < names.length) return new Set(backbone);
  throw new RangeError(
    `Cannot freeze parameters: expected one that does not match ${pattern}, to be trained at first`,
  );
}

function readPattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(
      `Cannot build backboneFinetuning: parameters must be a regular expression, got ${JSON.stringify(pattern)} (${problem})`,
      { cause },
    );
  }
}
