import type { JsonSchema } from "../../spec/jsonSchema.ts";
import { nameSchema } from "./schemas.ts";

const place: JsonSchema = { type: ["number", "null"] };

/** How curves are drawn, as `SeriesQuery` has it. */
export const drawProperties: Readonly<Record<string, JsonSchema>> = {
  from: place,
  to: place,
  points: { type: "integer", minimum: 4, maximum: 10_000 },
};

/** Names of metrics: one chart shows a few, a page some hundreds. */
export const metricsSchema: JsonSchema = { type: "array", maxItems: 500, items: nameSchema };
