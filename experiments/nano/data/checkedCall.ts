import { Ajv, type ValidateFunction } from "ajv";
import type { JsonObject } from "seedbed";

import type { Tool } from "../tools/tool.ts";

const ajv = new Ajv({ strict: true, allErrors: true });
const validators = new Map<Tool, ValidateFunction<JsonObject>>();

/** What is wrong with a call's arguments, by the function's schema; undefined if nothing is. */
export function schemaErrors(tool: Tool, given: unknown): string | undefined {
  const validate = validators.get(tool) ?? ajv.compile<JsonObject>(tool.parameters);
  validators.set(tool, validate);
  return validate(given) ? undefined : ajv.errorsText(validate.errors);
}

/**
 * Runs a function, twice, on arguments that its schema allows.
 *
 * @throws {RangeError} when the schema does not allow them, or when the results differ
 */
export function checkedCall(tool: Tool, given: JsonObject): JsonObject {
  const errors = schemaErrors(tool, given);
  if (errors !== undefined) {
    throw new RangeError(`Cannot call ${tool.name} with ${JSON.stringify(given)}: ${errors}`);
  }
  const result = tool.run(given);
  const again = JSON.stringify(tool.run(given));
  if (JSON.stringify(result) === again) return result;
  throw new RangeError(
    `Cannot use ${tool.name}: expected one result for ${JSON.stringify(given)}, got ${JSON.stringify(result)} and ${again}`,
  );
}
