import type { RoutedRequest } from "../router.ts";
import { requestFeatures } from "./requestFeatures.ts";

/** Weights of a logistic regression on a request's features. */
export interface WinRateModel {
  readonly buckets: number;
  /** `[features]` */
  readonly weight: Float32Array;
  readonly bias: number;
}

/**
 * The probability that the strong model's answer is better than the cheap one's.
 *
 * Source: Ong et al. 2024, arXiv:2406.18665, section 3: P(strong model wins | request).
 */
export function winRate({ buckets, weight, bias }: WinRateModel, request: RoutedRequest): number {
  const features = requestFeatures(request, buckets);
  let logit = bias;
  for (let i = 0; i < features.length; i++) logit += weight[i]! * features[i]!;
  return 1 / (1 + Math.exp(-logit));
}
