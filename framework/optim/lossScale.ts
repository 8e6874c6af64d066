/** How a dynamic loss scale moves. */
export interface LossScaleOptions {
  /** Where the scale starts. */
  readonly initialScale: number;
  /** Factor after `growthInterval` finite steps, above 1. */
  readonly growthFactor: number;
  /** Factor after a step whose gradients are not finite, below 1. */
  readonly backoffFactor: number;
  /** Finite steps in a row until the scale grows. */
  readonly growthInterval: number;
}

/** PyTorch's. */
export const defaultLossScaleOptions: LossScaleOptions = {
  initialScale: 2 ** 16,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
};

/**
 * A scale below it helps no more: the loss itself, or a gradient at any scale, is not finite.
 *
 * Source: fairseq's `--min-loss-scale`.
 */
export const smallestLossScale = 1e-4;

/** What a checkpoint keeps of a loss scale. */
export interface LossScale {
  /** Factor on the loss; gradients are divided by it before they are used. */
  readonly scale: number;
  /** Finite steps since the scale last changed. */
  readonly finiteSteps: number;
}

export function initialLossScale({ initialScale }: LossScaleOptions): LossScale {
  return { scale: initialScale, finiteSteps: 0 };
}

/**
 * The loss scale for the step after this one. A step that was not finite must not have changed
 * any parameter.
 *
 * Source: Micikevicius et al. 2018, arXiv:1710.03740, section 3.2, in the form of PyTorch's
 * GradScaler: a scale that would leave float32 does not grow.
 *
 * @param finite whether all gradients of the step were finite
 */
export function nextLossScale(
  { scale, finiteSteps }: LossScale,
  finite: boolean,
  { growthFactor, backoffFactor, growthInterval }: LossScaleOptions,
): LossScale {
  if (!finite) return { scale: scale * backoffFactor, finiteSteps: 0 };
  if (finiteSteps + 1 < growthInterval) return { scale, finiteSteps: finiteSteps + 1 };
  const grown = scale * growthFactor;
  return { scale: Number.isFinite(Math.fround(grown)) ? grown : scale, finiteSteps: 0 };
}
