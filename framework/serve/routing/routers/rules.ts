import { markersOf } from "../markers.ts";
import { userText } from "../requestText.ts";
import type { RequestRouter, RoutedRequest } from "../router.ts";

/** How much each dimension counts. */
export const ruleWeights = {
  tokenCount: 0.1,
  codePresence: 0.3,
  reasoningMarkers: 0.25,
  technicalTerms: 0.25,
  simpleIndicators: 0.05,
  multiStepPatterns: 0.03,
  questionComplexity: 0.02,
} as const;

export type RuleDimension = keyof typeof ruleWeights;

/** Prompts of fewer tokens are short, of more are long. */
const tokenLimits = { short: 15, long: 400 } as const;

/**
 * What each dimension says of a conversation, in [-1, 1]: what users have said in all their turns, and
 * the length of the prompt.
 */
export function ruleDimensions({
  request: { messages },
  promptTokens,
}: RoutedRequest): Readonly<Record<RuleDimension, number>> {
  const { code, reasoning, technical, simple, steps, questions } = markersOf(userText(messages));
  const { short, long } = tokenLimits;
  return {
    tokenCount: promptTokens < short ? -1 : promptTokens > long ? 1 : 0,
    codePresence: halves(code),
    reasoningMarkers: halves(reasoning),
    technicalTerms: halves(technical),
    simpleIndicators: simple > 0 ? -1 : 0,
    multiStepPatterns: steps > 0 ? 1 : 0,
    questionComplexity: questions > 3 ? 1 : 0,
  };
}

const halves = (count: number): number => Math.min(1, count / 2);

/**
 * Seven dimensions of how hard a conversation is, weighed and added, at least 0. Nothing is learnt and
 * nobody is asked.
 *
 * Source: LiteLLM's complexity router (its README): dimensions, weights, limits of tokens, and 0.35 as
 * the score from which on a request is a complex one. The words are our own.
 */
export function rules({ threshold = 0.35 }: { readonly threshold?: number } = {}): RequestRouter {
  return { kind: "request", name: "rules", threshold, score: ruleScore };
}

function ruleScore(request: RoutedRequest): number {
  const dimensions: Readonly<Record<string, number>> = ruleDimensions(request);
  let sum = 0;
  for (const [name, weight] of Object.entries(ruleWeights)) sum += weight * dimensions[name]!;
  return Math.min(1, Math.max(0, sum));
}
