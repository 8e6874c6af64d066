import { isJsonObject, type JsonObject, type JsonValue } from "../../base/json.ts";

/** Where a schema is not strict as OpenAI has it, and why; undefined where it is. */
export function strictProblem(
  schema: JsonValue,
  context: readonly string[] = [],
): string | undefined {
  if (!isJsonObject(schema)) return undefined;
  const at = `In context=(${context.map((each) => `'${each}'`).join(", ")})`;
  if (isObjectSchema(schema)) {
    if (schema["additionalProperties"] !== false) {
      return `${at}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const properties = isJsonObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    const missing = properties.find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `${at}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  for (const [key, value] of Object.entries(schema)) {
    const parts = partsOf(key, value);
    for (const [name, part] of parts) {
      const problem = strictProblem(part, [...context, key, ...(name === "" ? [] : [name])]);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  const types = Array.isArray(type) ? type : [type];
  return properties !== undefined || types.includes("object");
}

const single: ReadonlySet<string> = new Set(["items", "additionalProperties"]);
const lists: ReadonlySet<string> = new Set(["anyOf", "allOf", "oneOf", "prefixItems"]);
const named: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);

/** The schemas that a keyword's value has. */
function partsOf(key: string, value: JsonValue): [name: string, schema: JsonValue][] {
  if (single.has(key)) return [["", value]];
  if (lists.has(key) && Array.isArray(value)) return value.map((each, i) => [String(i), each]);
  if (named.has(key) && isJsonObject(value)) return Object.entries(value);
  return [];
}
