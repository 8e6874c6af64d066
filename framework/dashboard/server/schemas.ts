/** @file JSON schemas of what may be asked, which Fastify checks before a route sees it. */
import type { JsonSchema } from "../../spec/jsonSchema.ts";

const longestKey = 200;

export const runKeySchema: JsonSchema = { type: "string", minLength: 1, maxLength: longestKey };

/** Name of a metric, of a column or of what was logged. */
export const nameSchema: JsonSchema = { type: "string", minLength: 1, maxLength: 1000 };

/** Several keys of runs, separated by commas. */
export const runListSchema: JsonSchema = { type: "string", minLength: 1, maxLength: 20_000 };

/** An object with these keys and no others. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

/** The part of the address that names a run. */
export const runParams: JsonSchema = objectSchema({ run: runKeySchema });
