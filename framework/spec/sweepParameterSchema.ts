import {
  argumentSchemas,
  deprecatedDistributions,
  isNumberDistribution,
  numberDistributions,
  type NumberDistribution,
} from "./distributions.ts";
import type { JsonSchema } from "./jsonSchema.ts";
import { toPlain } from "./specNode.ts";
import type { SpecMapping, SpecNode } from "./specNode.ts";
import { failAt } from "./specPlace.ts";

const conditionSchema: JsonSchema = {
  type: "string",
  minLength: 1,
  description: "A condition on other parameters, without which this one is left out.",
};

const choiceSchema: JsonSchema = {
  type: "object",
  required: ["values"],
  properties: {
    distribution: { enum: ["categorical", "categorical_w_probabilities"] },
    values: { type: "array", minItems: 1, description: "To choose from." },
    probabilities: {
      type: "array",
      items: { type: "number", minimum: 0, maximum: 1 },
      description: "One for each value.",
    },
    labels: {
      type: "array",
      items: { type: "string", minLength: 1 },
      description: "What reports call the values.",
    },
    when: conditionSchema,
  },
};

const constantSchema: JsonSchema = {
  type: "object",
  required: ["value"],
  properties: { distribution: { enum: ["constant"] }, value: {}, when: conditionSchema },
};

const choiceNames = ["categorical", "categorical_w_probabilities"];
export const distributionNames: readonly string[] = [
  "constant",
  ...choiceNames,
  ...Object.keys(numberDistributions),
];

/** Schema of a mapping of parameters as it is written: each in the form that it has there. */
export function parametersSchema(node: SpecNode | undefined): JsonSchema {
  const entries = node?.kind === "mapping" ? [...node.entries] : [];
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([key, each]) => [key, parameterSchema(each)])),
  };
}

function parameterSchema(node: SpecNode): JsonSchema {
  if (node.kind !== "mapping") return { type: "object" };
  const nested = node.entries.get("parameters");
  if (nested) {
    const properties = { parameters: parametersSchema(nested), when: conditionSchema };
    return { type: "object", properties };
  }
  const kind = distributionOf(node);
  if (kind === "constant") return constantSchema;
  if (kind === "categorical") return choiceSchema;
  return kind === undefined ? unknownSchema : numberSchema(kind);
}

/** Of a parameter that no form fits. */
const unknownSchema: JsonSchema = {
  type: "object",
  properties: { distribution: { enum: distributionNames } },
  required: ["distribution"],
  additionalProperties: true,
};

function numberSchema(kind: NumberDistribution): JsonSchema {
  const hasBounds = "min" in argumentSchemas(kind);
  return {
    type: "object",
    properties: { distribution: { enum: [kind] }, ...argumentSchemas(kind), when: conditionSchema },
    ...(hasBounds && { required: ["min", "max"] }),
  };
}

export type DistributionKind = NumberDistribution | "constant" | "categorical";

/** Undefined when neither a known name nor the keys say it. */
export function distributionOf({ entries }: SpecMapping): DistributionKind | undefined {
  const name = entries.get("distribution");
  if (name) return namedDistribution(toPlain(name));
  if (entries.has("values")) return "categorical";
  if (entries.has("value")) return "constant";
  const bounds = [entries.get("min"), entries.get("max")];
  if (bounds.every((bound) => bound === undefined)) return undefined;
  return bounds.every(isWritten) ? "int_uniform" : "uniform";
}

function namedDistribution(name: unknown): DistributionKind | undefined {
  if (name === "constant" || isNumberDistribution(name)) return name;
  return choiceNames.some((each) => each === name) ? "categorical" : undefined;
}

/** Whether a number was written as an integer: JavaScript has one number for `1` and `1.0`. */
const isWritten = (node: SpecNode | undefined): boolean =>
  node?.kind === "scalar" && /^[-+]?\d+$/.test(node.source);

/**
 * Says what a file's distributions cannot be before a schema is asked, which would only list names.
 *
 * @throws {SpecError} for one of W&B's deprecated distributions
 */
export function refuseDeprecated(node: SpecNode | undefined, pointer = "/parameters"): void {
  if (node?.kind !== "mapping") return;
  for (const [key, each] of node.entries) {
    if (each.kind !== "mapping") continue;
    const name = each.entries.get("distribution");
    const cure = name && deprecatedDistributions.get(String(toPlain(name)));
    if (name && cure !== undefined) {
      const problem = `expected "${cure}", whose bounds are values and not exponents, got "${String(toPlain(name))}"`;
      failAt({ origin: name.origin, pointer: `${pointer}/${key}/distribution` }, problem);
    }
    refuseDeprecated(each.entries.get("parameters"), `${pointer}/${key}/parameters`);
  }
}

/** Schemas of the forms that a parameter can have, by what tells them, as Markdown. */
export const parameterForms: Readonly<Record<string, JsonSchema>> = {
  "`value`": constantSchema,
  "`values`": choiceSchema,
  ...Object.fromEntries(
    Object.keys(numberDistributions)
      .filter(isNumberDistribution)
      .map((kind) => [`\`distribution: ${kind}\``, numberSchema(kind)]),
  ),
};
