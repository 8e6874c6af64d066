import type { JsonValue } from "../../base/json.ts";
import type { CheckedSchema } from "./keywords.ts";
import type { ValueCheck } from "./valueCheck.ts";

/**
 * The values of a schema's `enum` or `const` that fit its other keywords.
 *
 * @param place of the schema, as a JSON pointer
 */
export function enumValues(schema: CheckedSchema, check: ValueCheck, place: string): JsonValue[] {
  const { enum: list, const: single, ...others } = schema;
  const values = single === undefined ? (list ?? []) : [single];
  const listed = list ? new Set(list.map((each) => JSON.stringify(each))) : undefined;
  return values.filter(
    (value) => (listed?.has(JSON.stringify(value)) ?? true) && check.fits(value, others, place),
  );
}
