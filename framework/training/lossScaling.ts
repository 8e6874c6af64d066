import {
  initialLossScale,
  nextLossScale,
  smallestLossScale,
  type LossScale,
  type LossScaleOptions,
} from "../optim/lossScale.ts";

/** What a checkpoint holds of a fit's loss scale. */
export interface LossScalingState extends LossScale {
  /** Steps that were counted but left out for their gradients, by number, from 1. */
  skippedAt: number[];
}

/** A step whose gradients are known. */
export interface ScaledStep {
  /** Whether they are all finite. Otherwise nothing was updated. */
  readonly finite: boolean;
  /** Optimizer steps before it, and those that it counts for. */
  readonly before: number;
  readonly steps: number;
}

/** The loss scale of a fit in `16-mixed`, and the steps that it cost. */
export class LossScaling {
  readonly #options: LossScaleOptions;
  #state: LossScale;
  #skippedAt: number[] = [];
  #hasSkipped = false;

  constructor(options: LossScaleOptions) {
    this.#options = options;
    this.#state = initialLossScale(options);
  }

  /** Of the next step. */
  get scale(): number {
    return this.#state.scale;
  }

  /** Whether the last step was left out. */
  get hasSkipped(): boolean {
    return this.#hasSkipped;
  }

  /** Steps that were left out after the first `step`. */
  skippedSteps(step = 0): number {
    return this.#skippedAt.filter((each) => each > step).length;
  }

  /** @throws {RangeError} when no scale makes the gradients finite */
  update({ finite, before, steps }: ScaledStep): void {
    const next = nextLossScale(this.#state, finite, this.#options);
    if (next.scale < smallestLossScale) {
      throw new RangeError(
        `Cannot go on after step ${before}: expected finite gradients at a loss scale of ${this.scale}; lower the learning rate, look at the data, or set trainer.precision to bf16-mixed`,
      );
    }
    this.#state = next;
    this.#hasSkipped = !finite;
    if (finite) return;
    for (let i = 1; i <= steps; i++) this.#skippedAt.push(before + i);
  }

  state(): LossScalingState {
    return { ...this.#state, skippedAt: [...this.#skippedAt] };
  }

  restore({ skippedAt, ...state }: LossScalingState): void {
    this.#state = state;
    this.#skippedAt = [...skippedAt];
    this.#hasSkipped = false;
  }
}
