/** @file Words of the JSON schemas that requests' bodies are checked with. */
import type { JsonObject, JsonValue } from "../base/json.ts";

export const nullable = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: "null" }] });
export const number = (minimum: number, maximum: number): JsonValue =>
  nullable({ type: "number", minimum, maximum });
export const count = (minimum: number, maximum: number): JsonValue =>
  nullable({ type: "integer", minimum, maximum });
export const text = { type: "string" };
export const flag = { type: "boolean" };
/** Of a function or a schema. */
export const name = { type: "string", pattern: "^[a-zA-Z0-9_-]{1,64}$" };

/** An object with these fields and no others. */
export const object = (properties: JsonObject, required: string[] = []): JsonObject => ({
  ...{ type: "object", properties, required, additionalProperties: false },
});

/** What is done with conversations that are too long; `Truncation`. */
export const truncation: JsonObject = nullable({
  enum: ["disabled", "auto", "summarize", "streaming"],
});
