/** What a model's tokens cost, in pico-dollars each. */
export interface ModelPrice {
  readonly prompt: bigint;
  /** Of a prompt's beginning that was computed before. */
  readonly cachedPrompt: bigint;
  readonly completion: bigint;
}

/** Tokens as the engine counted them. */
export interface PricedTokens {
  readonly promptTokens: number;
  /** Of the prompt's. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** What tokens cost, in pico-dollars. */
export function costOf(
  { prompt, cachedPrompt, completion }: ModelPrice,
  { promptTokens, cachedTokens, completionTokens }: PricedTokens,
): bigint {
  return (
    BigInt(promptTokens - cachedTokens) * prompt +
    BigInt(cachedTokens) * cachedPrompt +
    BigInt(completionTokens) * completion
  );
}
