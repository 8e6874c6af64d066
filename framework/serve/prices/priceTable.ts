import { SpecError } from "../../base/errors.ts";
import { checkSpec } from "../../spec/checkSpec.ts";
import type { JsonSchema } from "../../spec/jsonSchema.ts";
import { readSpec } from "../../spec/readSpec.ts";
import { toPointer } from "../../spec/specNode.ts";
import type { ModelPrice } from "./modelPrice.ts";
import { picoDollarsOf } from "./picoDollars.ts";

const price = {
  type: "number",
  minimum: 0,
  description: "Dollars for a token, in whole pico-dollars.",
} as const;
const kinds = ["prompt", "cachedPrompt", "completion"] as const;

/** JSON schema of a file of prices. */
export const priceTableSchema: JsonSchema = {
  type: "object",
  required: ["models"],
  properties: {
    models: {
      type: "object",
      description: "Prices by the names that the models are served by.",
      additionalProperties: {
        type: "object",
        required: kinds,
        properties: { prompt: price, cachedPrompt: price, completion: price },
        additionalProperties: false,
      },
    },
  },
};

interface PriceFile {
  readonly models: Readonly<Record<string, Readonly<Record<(typeof kinds)[number], number>>>>;
}

/**
 * Reads a file of prices.
 *
 * @returns prices by models' names
 * @throws {SpecError} naming file and line of what is wrong
 */
export function readPriceTable(file: string): Map<string, ModelPrice> {
  const checked = checkSpec<PriceFile>(readSpec(file), priceTableSchema);
  return new Map(
    Object.entries(checked.spec.models).map(([name, prices]) => {
      const exact = (kind: (typeof kinds)[number]): bigint => {
        const picoDollars = picoDollarsOf(prices[kind]);
        if (picoDollars !== undefined) return picoDollars;
        const pointer = toPointer(["models", name, kind]);
        const problem = `expected a whole number of pico-dollars, such as 1.0e-7, got ${prices[kind]}`;
        throw new SpecError(checked.locate(pointer), pointer, problem);
      };
      const own = {
        ...{ prompt: exact("prompt"), cachedPrompt: exact("cachedPrompt") },
        completion: exact("completion"),
      };
      return [name, own] as const;
    }),
  );
}
