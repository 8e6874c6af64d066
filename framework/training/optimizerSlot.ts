import type * as tf from "@tensorflow/tfjs";

import type { ScratchFiles } from "../base/scratchFiles.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { FitState } from "./fitState.ts";
import { LrClock, type LrClockState } from "./lrClock.ts";
import { openOffload, stateIn } from "./offloadedState.ts";
import { OptimizerShares } from "./optimizerShares.ts";
import { applyStages, stagedHyperparameters, unfrozen } from "./stagedGroup.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { RunningOptimizer } from "./trainerState.ts";
import type { NamedVariables, OptimizerConfig } from "./trainingModule.ts";

/** What a checkpoint holds of a learning rate. */
export interface SlotState extends LrClockState {
  /** In the place of the optimizer's own. */
  baseLearningRate?: number;
}

type SlotContext = Pick<FitState, "module" | "changeLrFactor" | "stagedGroups" | "updateWatch">;

/** One optimizer of a fit, with what it updates and its learning rate. */
export class OptimizerSlot {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly parameters: NamedVariables;
  readonly clock: LrClock;
  /** Where several workers divide the optimizer's state and work among them. */
  shares: OptimizerShares | undefined;
  /** Undefined: the optimizer's own. */
  baseLearningRate: number | undefined;
  /** Where the optimizer's state lies, if not in memory. */
  #files: ScratchFiles | undefined;

  readonly #context: SlotContext;

  /** @param context says what callbacks make of the learning rate and of groups of parameters */
  constructor({ optimizer, lrSchedule, name, parameters }: OptimizerConfig, context: SlotContext) {
    this.#context = context;
    this.name = name ?? optimizer.name;
    this.optimizer = optimizer;
    this.parameters = parameters ?? context.module.trainableParameters();
    this.clock = new LrClock(lrSchedule);
    checkParameters(this.parameters);
  }

  /** Of the next update. */
  get learningRate(): number {
    const { factor } = this.clock;
    const { changeLrFactor } = this.#context;
    const base = this.baseLearningRate ?? this.optimizer.learningRate;
    return base * (changeLrFactor?.(factor, this.name) ?? factor);
  }

  /** The parameters that are not frozen now. */
  get unfrozen(): NamedVariables {
    return unfrozen(this.parameters, this.#context.stagedGroups);
  }

  /** @param updateSince the next update's number, from 1, counted from a step on */
  hyperparameters(
    updateSince: (step: number) => number,
    learningRate: number = this.learningRate,
  ): Record<string, number> {
    const { optimizer } = this;
    return {
      ...optimizer.hyperparameters(updateSince(0), learningRate),
      ...stagedHyperparameters(this.#context.stagedGroups, ({ sinceStep, lrFactor }) =>
        optimizer.hyperparameters(Math.max(1, updateSince(sinceStep)), learningRate * lrFactor),
      ),
    };
  }

  /** Makes the optimizer's state, or this worker's share of it. */
  initialize(settings: TrainerSettings): void {
    const { world, shardOptimizer } = settings;
    const { optimizer, parameters } = this;
    optimizer.checkParameters?.([...parameters.keys()]);
    this.#files = openOffload(this, settings);
    const make = this.#files && stateIn(this.#files);
    if (shardOptimizer && world.size > 1) {
      this.shares = new OptimizerShares(optimizer, parameters, world, make);
    } else {
      optimizer.initialize(parameters, make);
    }
  }

  /** Gives the optimizer's state back. */
  dispose(): void {
    this.optimizer.dispose();
    this.#files?.close();
  }

  /**
   * As the optimizer's, inside a recorded step; frozen parameters, and those of other workers, are left
   * alone.
   */
  apply(
    gradients: ReadonlyMap<string, tf.Tensor>,
    hyperparameters: Readonly<Record<string, tf.Scalar>>,
    scale?: tf.Scalar,
  ): void {
    this.#context.updateWatch.update();
    const share = this.shares?.own(gradients) ?? gradients;
    applyStages(this.#context.stagedGroups, share, hyperparameters, (own, numbers) =>
      this.optimizer.apply(own, numbers, scale),
    );
  }

  state(): SlotState {
    const { baseLearningRate } = this;
    return { ...this.clock.state(), ...(baseLearningRate !== undefined && { baseLearningRate }) };
  }

  restore({ baseLearningRate, ...clock }: SlotState): void {
    this.clock.restore(clock);
    this.baseLearningRate = baseLearningRate;
  }
}

/** What callbacks may see of an optimizer, as it is now. */
export function running({ name, optimizer, learningRate, clock }: OptimizerSlot): RunningOptimizer {
  return { name, optimizer, learningRate, lrInterval: clock.interval, lrName: clock.name };
}

/**
 * The optimizers of a module, with their state made.
 *
 * @throws {TypeError} when there is none, or names are not told apart
 */
export function configureSlots(state: FitState): OptimizerSlot[] {
  const configured = state.module.configureOptimizers();
  const configs: readonly OptimizerConfig[] = isList(configured) ? configured : [configured];
  if (configs.length === 0) {
    throw new TypeError("Cannot train: configureOptimizers() gave no optimizer");
  }
  configs.forEach(checkConfig);
  const slots = configs.map((config) => new OptimizerSlot(config, state));
  const names = new Set(slots.map(({ name }) => name));
  if (names.size < slots.length) {
    throw new TypeError(
      `Cannot train: expected optimizers of different names, got ${slots.map(({ name }) => name).join(", ")}; give each a name in configureOptimizers()`,
    );
  }
  for (const slot of slots) slot.initialize(state.settings);
  return slots;
}

const isList = (
  configured: OptimizerConfig | readonly OptimizerConfig[],
): configured is readonly OptimizerConfig[] => Array.isArray(configured);

/** @param config what a program that is not type-checked may have given */
function checkConfig(config: Partial<OptimizerConfig> | null | undefined): void {
  if (config?.optimizer) return;
  const got =
    typeof config === "object" && config ? `{ ${Object.keys(config).join(", ")} }` : config;
  throw new TypeError(
    `Cannot train: expected configureOptimizers() to give { optimizer }, or a list of these, got ${got}`,
  );
}

function checkParameters(parameters: NamedVariables): void {
  if (parameters.size === 0) {
    throw new RangeError("Cannot train: trainableParameters() gave no parameter");
  }
  for (const [name, { trainable, dtype }] of parameters) {
    if (trainable && dtype === "float32") continue;
    throw new TypeError(
      `Cannot train parameter "${name}": expected a trainable float32 variable, got ${trainable ? dtype : "one made with trainable = false"}`,
    );
  }
}
