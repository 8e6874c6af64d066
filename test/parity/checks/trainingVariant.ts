/** What a variant of the training runs changes. */
export interface TrainingVariant {
  readonly gradientClipVal: number;
  readonly trainsText: boolean;
  /** Weight of the subject's losses by min(SNR, gamma). */
  readonly minSnrGamma: number | undefined;
  /** Default: the manifest's. */
  readonly priorWeight: number | undefined;
  readonly adamEpsilon: number | undefined;
}

/** Names of the variants whose settings are a number. */
const numbered = {
  clip: (gradientClipVal: number) => ({ gradientClipVal }),
  min_snr: (minSnrGamma: number) => ({ minSnrGamma }),
  prior: (priorWeight: number) => ({ priorWeight }),
  adam_eps: (adamEpsilon: number) => ({ adamEpsilon }),
};

/**
 * The settings that a variant's name stands for: `main`, `unet_only`, or `clip_1.0`, `min_snr_5`,
 * `prior_0.5`, `adam_eps_1e-3`.
 *
 * @throws {RangeError} for another name
 */
export function trainingVariant(name: string): TrainingVariant {
  const main: TrainingVariant = {
    gradientClipVal: 0,
    trainsText: true,
    minSnrGamma: undefined,
    priorWeight: undefined,
    adamEpsilon: undefined,
  };
  if (name === "main") return main;
  if (name === "unet_only") return { ...main, trainsText: false };
  for (const [prefix, change] of Object.entries(numbered)) {
    const value = Number(name.slice(prefix.length + 1));
    if (name.startsWith(`${prefix}_`) && value > 0) return { ...main, ...change(value) };
  }
  throw new RangeError(
    `Cannot train variant "${name}": expected main, unet_only or one of ${Object.keys(numbered).join(", ")} with a number`,
  );
}
