import { Ajv } from "ajv";

import { closeSchema, type JsonSchema } from "./jsonSchema.ts";
import {
  loggersSchema,
  trackingSchema,
  type LoggersSpec,
  type TrackingSpec,
} from "./trackingSpec.ts";
import { trainerSchema, type TrainerSpec } from "./trainerSpec.ts";

/** A part chosen by name, with that part's own options beside the name. */
export interface NamedSpec {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** A checked spec from `configs/`: the common keys, and the sections its experiment declares. */
export interface ExperimentSpec {
  readonly name: string;
  readonly description?: string;
  readonly experiment: string;
  readonly seed: number;
  readonly tags: readonly string[];
  readonly notes?: string;
  readonly trainer: TrainerSpec;
  readonly optimizer?: NamedSpec;
  readonly lrSchedule?: NamedSpec;
  /** One entry each, callback name to options. */
  readonly callbacks: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly loggers: LoggersSpec;
  readonly tracking: TrackingSpec;
  readonly [section: string]: unknown;
}

/** Options schemas by the name that a spec uses. */
export type SchemaRegistry = Readonly<Record<string, JsonSchema>>;

/** What is known about the parts that a spec can name. */
export interface SpecParts {
  /** The experiment's own sections. */
  readonly sections: SchemaRegistry;
  readonly optimizers: SchemaRegistry;
  readonly lrSchedules: SchemaRegistry;
  /** One schema for each entry of the spec's `callbacks`, in its order. */
  readonly callbacks: readonly { readonly name: string; readonly schema: JsonSchema }[];
  /** The spec's `optimizer.name`. */
  readonly optimizer?: string;
  /** The spec's `lrSchedule.name`. */
  readonly lrSchedule?: string;
  /** Whether the spec says how long the run is, which is then a schedule's `totalSteps`. */
  readonly hasTotalSteps?: boolean;
}

export const commonSchemas: Readonly<Record<string, JsonSchema>> = {
  name: {
    type: "string",
    pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
    description: "Runs go to `runs/<name>/`. Left out: the file's name.",
  },
  description: { type: "string", description: "What the run is for." },
  experiment: {
    type: "string",
    pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
    description: "Folder below `experiments/` whose `experiment.ts` is run.",
  },
  seed: {
    type: "integer",
    minimum: 0,
    maximum: 2 ** 32 - 1,
    default: 0,
    description: "Decides every random number of the run.",
  },
  tags: {
    type: "array",
    items: { type: "string" },
    default: [],
    description: "Words to find the run by, until `seedbed runs tag` changes them.",
  },
  notes: {
    type: "string",
    description: "Words about the run, in Markdown, until `seedbed runs note` changes them.",
  },
  trainer: trainerSchema,
  loggers: loggersSchema,
  tracking: trackingSchema,
};

/** The schema of one spec: its common keys, the parts it names, its experiment's sections. */
export function experimentSpecSchema(parts: SpecParts): JsonSchema {
  const clash = Object.keys(parts.sections).find((name) => commonKeys.includes(name));
  if (clash !== undefined) {
    throw new TypeError(
      `Cannot declare section "${clash}": expected another name than a common key`,
    );
  }
  return {
    type: "object",
    required: ["name", "experiment"],
    properties: {
      ...commonSchemas,
      optimizer: namedSchema(parts.optimizers, parts.optimizer),
      lrSchedule: namedSchema(
        parts.lrSchedules,
        parts.lrSchedule,
        parts.hasTotalSteps && "totalSteps",
      ),
      callbacks: callbacksSchema(parts.callbacks),
      ...Object.fromEntries(Object.entries(parts.sections).map(withDefault)),
    },
  };
}

/** A section that the file leaves out is checked as an empty one. */
function withDefault([name, section]: [string, JsonSchema]): [string, JsonSchema] {
  return [name, section.type === "object" ? { default: {}, ...section } : section];
}

const commonKeys = [...Object.keys(commonSchemas), "optimizer", "lrSchedule", "callbacks"];

/** `{ name, ...options of the part with that name }`; `known` is an option that need not be given. */
function namedSchema(
  registry: SchemaRegistry,
  name: string | undefined,
  known: string | false = false,
): JsonSchema {
  const options = name === undefined ? undefined : registry[name];
  return {
    ...options,
    type: "object",
    properties: { name: { enum: Object.keys(registry).toSorted() }, ...options?.properties },
    required: ["name", ...(options?.required ?? []).filter((key) => key !== known)],
    additionalProperties: options === undefined, // an unknown name is the one thing to report
  };
}

function callbacksSchema(callbacks: SpecParts["callbacks"]): JsonSchema {
  if (callbacks.length === 0) return { type: "array", maxItems: 0 };
  return {
    type: "array",
    items: callbacks.map(({ name, schema }) => ({
      type: "object",
      properties: { [name]: { ...schema, type: "object", default: {} } },
      additionalProperties: false,
    })),
    minItems: callbacks.length,
    maxItems: callbacks.length,
  };
}

/**
 * A section as the type its schema describes.
 *
 * @param schema the one that the experiment declares for the section
 * @throws {TypeError} when the section does not fit, which a checked spec rules out
 */
export function readSection<T>(spec: ExperimentSpec, name: string, schema: JsonSchema): T {
  const section = structuredClone(spec[name]);
  const validate = new Ajv({ useDefaults: true, allowUnionTypes: true }).compile<T>(
    closeSchema(schema),
  );
  if (validate(section)) return section;
  throw new TypeError(`Cannot read section "${name}": expected what its schema asks for`);
}
