import { costOf, type ModelPrice, type PricedTokens } from "../prices/modelPrice.ts";
import { dollarsText } from "../prices/picoDollars.ts";

/**
 * Why a model answers: it was asked for by its name; by the score; because the budget is spent;
 * because the other one has no room for the messages, or sees none of their pictures; because the
 * strong one takes no more.
 */
export type RoutingReason = "named" | "score" | "budget" | "ability" | "overload";

/** Who answers, and why. */
export interface Decision {
  readonly reason: RoutingReason;
  /** The router's name and numbers; undefined where none was asked, a score where it gave none. */
  readonly router?: string;
  readonly threshold?: number;
  readonly score?: number;
}

/** A model that has answered, and what it took so far. */
export interface ReceiptLine {
  readonly model: string;
  readonly tokens: PricedTokens;
}

/** What a server charges by. */
export interface Tariff {
  readonly prices: ReadonlyMap<string, ModelPrice>;
  /** Whose price the answers are compared with: the dearest model's. */
  readonly dearest: string;
}

/** What an answer took, and what it would have cost. Complete when the answer has ended. */
export class Receipt {
  /** What the client called the model. */
  readonly requested: string;
  readonly decision: Decision;
  /** In their order; the last one is told. */
  readonly attempts: readonly ReceiptLine[];
  readonly #tariff: Tariff | undefined;

  constructor(
    requested: string,
    decision: Decision,
    attempts: readonly ReceiptLine[],
    tariff: Tariff | undefined,
  ) {
    this.requested = requested;
    this.decision = decision;
    this.attempts = attempts;
    this.#tariff = tariff;
  }

  get model(): string {
    return this.attempts.at(-1)!.model;
  }

  /** In pico-dollars, of all attempts; undefined where the server has no prices. */
  get cost(): bigint | undefined {
    const prices = this.#tariff?.prices;
    if (!prices) return undefined;
    return this.attempts.reduce(
      (sum, { model, tokens }) => sum + costOf(prices.get(model)!, tokens),
      0n,
    );
  }

  /** What the answer's own tokens would have cost from the dearest model, in pico-dollars. */
  get counterfactual(): bigint | undefined {
    if (!this.#tariff) return undefined;
    const { prices, dearest } = this.#tariff;
    return costOf(prices.get(dearest)!, this.attempts.at(-1)!.tokens);
  }

  /** What may be told before the answer has ended. */
  headers(): Record<string, string> {
    const { router } = this.decision;
    return {
      "x-seedbed-model": this.model,
      ...(router !== undefined && { "x-seedbed-router": router }),
    };
  }

  /** What a whole answer's head tells. */
  wholeHeaders(): Record<string, string> {
    const { cost } = this;
    return {
      ...this.headers(),
      ...(cost !== undefined && { "x-seedbed-cost": dollarsText(cost) }),
    };
  }

  /** What an answer's body tells: nothing where the server has no prices. */
  body(): { readonly routing?: object } {
    if (!this.#tariff) return {};
    const { prices, dearest } = this.#tariff;
    const { reason, router = null, threshold = null, score = null } = this.decision;
    const routing = {
      ...{ requested: this.requested, model: this.model, reason, router, threshold, score },
      ...costBody("cost", this.cost!),
      ...costBody("counterfactual_cost", this.counterfactual!),
      counterfactual_model: dearest,
      attempts: this.attempts.map(({ model, tokens }) => ({
        model,
        prompt_tokens: tokens.promptTokens,
        cached_tokens: tokens.cachedTokens,
        completion_tokens: tokens.completionTokens,
        ...costBody("cost", costOf(prices.get(model)!, tokens)),
      })),
    };
    return { routing };
  }
}

const costBody = (name: string, picoDollars: bigint): Record<string, number> => ({
  [`${name}_picodollars`]: Number(picoDollars),
  [`${name}_usd`]: Number(dollarsText(picoDollars)),
});
