import { Ajv } from "ajv";

import type { JsonObject, JsonValue } from "../../base/json.ts";
import type { CheckedSchema, Schema } from "./keywords.ts";

/** The values of a schema's `enum` or `const` that fit its other keywords. */
export function enumValues(schema: CheckedSchema, root: Schema): JsonValue[] {
  const { enum: list, const: single, ...others } = schema;
  const values = single === undefined ? (list ?? []) : [single];
  const listed = list ? new Set(list.map((each) => JSON.stringify(each))) : undefined;
  const own = values.filter((value) => listed?.has(JSON.stringify(value)) ?? true);
  if (Object.keys(others).length === 0) return own;
  const definitions = typeof root === "boolean" ? {} : definitionsOf(root);
  const { $id: _, $schema: __, ...rules } = others;
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  const validate = ajv.compile({ ...definitions, ...rules });
  return own.filter((value) => validate(value));
}

function definitionsOf({ $defs, definitions }: JsonObject): JsonObject {
  return {
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
}
