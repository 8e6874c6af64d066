import type { Optimizer } from "../optim/optimizer.ts";
import { LrClock } from "./lrClock.ts";
import type { RunningOptimizer, TrainerState } from "./trainerState.ts";
import type { NamedVariables, OptimizerConfig } from "./trainingModule.ts";

/** One optimizer of a fit, with what it updates and its learning rate. */
export class OptimizerSlot {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly parameters: NamedVariables;
  readonly clock: LrClock;

  readonly #state: Pick<TrainerState, "module" | "changeLrFactor">;

  /** @param state says what callbacks make of the learning rate */
  constructor(
    { optimizer, lrSchedule, name, parameters }: OptimizerConfig,
    state: Pick<TrainerState, "module" | "changeLrFactor">,
  ) {
    this.#state = state;
    this.name = name ?? optimizer.name;
    this.optimizer = optimizer;
    this.parameters = parameters ?? state.module.trainableParameters();
    this.clock = new LrClock(lrSchedule);
    checkParameters(this.parameters);
  }

  /** Of the next update. */
  get learningRate(): number {
    const { factor } = this.clock;
    const { changeLrFactor } = this.#state;
    return this.optimizer.learningRate * (changeLrFactor?.(factor, this.name) ?? factor);
  }
}

/** What callbacks may see of an optimizer, as it is now. */
export function running({ name, optimizer, learningRate }: OptimizerSlot): RunningOptimizer {
  return { name, optimizer, learningRate };
}

/**
 * The optimizers of a module, with their state made.
 *
 * @throws {TypeError} when there is none, or names are not told apart
 */
export function configureSlots(state: TrainerState): OptimizerSlot[] {
  const configured = state.module.configureOptimizers();
  const configs: readonly OptimizerConfig[] = isList(configured) ? configured : [configured];
  if (configs.length === 0) {
    throw new TypeError("Cannot train: configureOptimizers() gave no optimizer");
  }
  const slots = configs.map((config) => new OptimizerSlot(config, state));
  const names = new Set(slots.map(({ name }) => name));
  if (names.size < slots.length) {
    throw new TypeError(
      `Cannot train: expected optimizers of different names, got ${slots.map(({ name }) => name).join(", ")}; give each a name in configureOptimizers()`,
    );
  }
  for (const { optimizer, parameters } of slots) optimizer.initialize(parameters);
  return slots;
}

const isList = (
  configured: OptimizerConfig | readonly OptimizerConfig[],
): configured is readonly OptimizerConfig[] => Array.isArray(configured);

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
