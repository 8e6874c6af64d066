import { Ajv, type ErrorObject } from "ajv";

/** JSON schema of one part's options: an optimizer, a learning-rate schedule, a callback. */
export interface OptionsSchema {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, object>>;
}

const ajv = new Ajv({
  ...{ useDefaults: true, allErrors: true, allowUnionTypes: true, verbose: true },
  validateSchema: false, // they are ours, and strict mode refuses what it does not know
});

/**
 * Options checked against their schema, with the schema's defaults filled in. The argument is not
 * changed; keys that are `undefined` count as absent.
 *
 * @param part what is being built, for messages
 * @throws {TypeError | RangeError} naming every wrong option
 */
export function readOptions<Options>(
  part: string,
  schema: OptionsSchema,
  options: object,
): Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const filled: unknown = structuredClone(Object.fromEntries(given));
  const validate = ajv.compile<Options>(schema);
  if (validate(filled)) return filled;
  const errors = validate.errors ?? [];
  const message = `Cannot build ${part}: ${errors.map(describe).join("; ")}`;
  throw errors.every(({ keyword }) => keyword === "type")
    ? new TypeError(message)
    : new RangeError(message);
}

function describe(error: ErrorObject): string {
  const { instancePath, keyword, params, message, data, parentSchema } = error;
  const where = instancePath.slice(1).replaceAll("/", ".");
  const examples: unknown = parentSchema?.["examples"];
  if (Array.isArray(examples)) {
    const texts = examples.map((example) => JSON.stringify(example)).join(" or ");
    const minimum: unknown = parentSchema?.["minimum"];
    const number = typeof minimum === "number" ? `an integer >= ${minimum} or ` : "";
    return `${where} must be ${number}text such as ${texts}, got ${JSON.stringify(data)}`;
  }
  if (keyword === "additionalProperties") return `unknown option "${params["additionalProperty"]}"`;
  if (keyword === "required") return `option "${params["missingProperty"]}" is missing`;
  const allowed = keyword === "enum" ? ` (${params["allowedValues"].join(", ")})` : "";
  return `${where} ${message ?? "is not valid"}${allowed}, got ${JSON.stringify(data)}`;
}
