import type { JsonSchema } from "../jsonSchema.ts";

/** How many trials a launcher keeps going. */
export const parallel: JsonSchema = {
  type: "integer",
  minimum: 1,
  description: "Trials at once, where `--parallel` does not say.",
};
