import {
  initialLossScale,
  nextLossScale,
  smallestLossScale,
  type LossScale,
  type LossScaleOptions,
} from "../optim/lossScale.ts";
import { sharedFailure } from "./sharedFailure.ts";

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

/** More steps in a row that cannot be taken mean that no later one can. */
const mostSkippedInARow = 100;
const noScale: LossScale = { scale: 1, finiteSteps: 0 };

/**
 * The loss scale of a fit in `16-mixed`, and the steps that it cost; or, in other precisions, only
 * the steps that are left out where `onNonFinite` is not `stop`.
 */
export class LossScaling {
  /** Undefined: the scale is 1. */
  readonly #options: LossScaleOptions | undefined;
  #state: LossScale;
  #skippedAt: number[] = [];
  #hasSkipped = false;
  readonly #endures: boolean;
  #isExhausted = false;

  /**
   * @param options undefined: the scale is 1
   * @param endures a scale that has become too small is told by `isExhausted`, and no error
   */
  constructor(options?: LossScaleOptions, endures: boolean = false) {
    this.#options = options;
    this.#endures = endures;
    this.#state = options ? initialLossScale(options) : noScale;
  }

  /** Whether the scale changes. */
  get isDynamic(): boolean {
    return this.#options !== undefined;
  }

  /** Of the next step. */
  get scale(): number {
    return this.#state.scale;
  }

  /** Whether the last step was left out. */
  get hasSkipped(): boolean {
    return this.#hasSkipped;
  }

  /** Whether no scale has made the gradients of the last step finite. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Steps that were left out after the first `step`, of those that count. */
  skippedSteps(step = 0, counts: (step: number) => boolean = () => true): number {
    return this.#skippedAt.filter((each) => each > step && counts(each)).length;
  }

  /** @throws {RangeError} when no scale makes the gradients finite, or no step has been for long */
  update({ finite, before, steps }: ScaledStep): void {
    if (this.#options) this.#rescale(finite, before, this.#options);
    else if (!finite && this.#skippedInARow(before) >= mostSkippedInARow) {
      throw sharedFailure(
        new RangeError(
          `Cannot go on after step ${before}: the last ${mostSkippedInARow} steps were left out, since losses or gradients were not finite; lower the learning rate, or look at the data`,
        ),
      );
    }
    this.#hasSkipped = !finite;
    if (finite) return;
    for (let i = 1; i <= steps; i++) this.#skippedAt.push(before + i);
  }

  #skippedInARow(before: number): number {
    let count = 0;
    while (count < mostSkippedInARow && this.#skippedAt.at(-1 - count) === before - count) count++;
    return count;
  }

  #rescale(finite: boolean, before: number, options: LossScaleOptions): void {
    const next = nextLossScale(this.#state, finite, options);
    this.#isExhausted = next.scale < smallestLossScale;
    if (this.#isExhausted && this.#endures) return;
    if (this.#isExhausted) {
      throw sharedFailure(
        new RangeError(
          `Cannot go on after step ${before}: expected finite gradients at a loss scale of ${this.scale}; lower the learning rate, look at the data, or set trainer.precision to bf16-mixed`,
        ),
      );
    }
    this.#state = next;
  }

  state(): LossScalingState {
    return { ...this.#state, skippedAt: [...this.#skippedAt] };
  }

  restore({ skippedAt, ...scale }: LossScalingState): void {
    this.goBack(scale);
    this.restoreSkipped(skippedAt);
  }

  /** Takes over what another precision's fit has left out: its scale says nothing. */
  restoreSkipped(skippedAt: readonly number[]): void {
    this.#skippedAt = [...skippedAt];
  }

  /**
   * Takes the scale that there was; what was left out since stays so.
   *
   * @param saved undefined where there was none: begins with that of the options
   */
  goBack(saved?: LossScale): void {
    this.#state = noScale;
    if (this.#options) {
      const { scale, finiteSteps } = saved ?? initialLossScale(this.#options);
      this.#state = { scale, finiteSteps };
    }
    this.#hasSkipped = false;
    this.#isExhausted = false;
  }
}
