import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { parameterGroups } from "./parameterGroups.ts";
import { readPattern } from "./readPattern.ts";

/** One optimizer a spec can name. */
export interface OptimizerEntry {
  create(options: object): Optimizer;
  /** The options beside `name`. */
  readonly optionsSchema: OptionsSchema;
}

interface GroupOptions {
  readonly parameters: string;
  readonly [option: string]: unknown;
}

/** An optimizer's entry, with the option `groups`: parameters that have options of their own. */
export function withGroups(
  create: (options: object) => Optimizer,
  optionsSchema: OptionsSchema,
): OptimizerEntry {
  const groups = groupsSchema(optionsSchema);
  const onlyGroups = { ...optionsSchema, required: [], properties: { groups } };

  return {
    optionsSchema: { ...optionsSchema, properties: { ...optionsSchema.properties, groups } },
    create({ groups: given, ...main }: { groups?: unknown }) {
      const optimizer = create(main);
      const { name } = optimizer;
      const options = readOptions<{ groups?: GroupOptions[] }>(name, onlyGroups, { groups: given });
      if (!options.groups) return optimizer;
      return parameterGroups(
        optimizer,
        options.groups.map(({ parameters, ...own }, i) => ({
          parameters: readPattern(name, `groups.${i}.parameters`, parameters),
          optimizer: create({ ...main, ...own }),
        })),
      );
    },
  };
}

/** The optimizer's options without their defaults, since a group's are those of the main one. */
function groupsSchema({ properties }: OptionsSchema): object {
  const own = Object.entries(properties).map(([key, schema]) => {
    const { default: _, ...rest }: { default?: unknown } = schema;
    return [key, rest];
  });
  return {
    description:
      "Parameters with options of their own. A group has `parameters`, a regular expression that is looked for in their names, and any other options of this optimizer in place of the ones above. The first group that matches has the parameter, the main options all others.",
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      required: ["parameters"],
      properties: { parameters: { type: "string", minLength: 1 }, ...Object.fromEntries(own) },
    },
  };
}
