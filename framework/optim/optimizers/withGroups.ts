import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import { offloadProperty, readOffload, type OffloadOption } from "./offload.ts";
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

/** Options of all optimizers. */
interface SharedOptions {
  groups?: GroupOptions[];
  offload?: OffloadOption;
}

/**
 * An optimizer's entry, with the options `groups`, parameters that have options of their own, and
 * `offload`.
 *
 * @param whyResident says of options why the moments cannot be offloaded, if so
 */
export function withGroups(
  create: (options: object) => Optimizer,
  optionsSchema: OptionsSchema,
  whyResident: (options: Readonly<Record<string, unknown>>) => string | undefined = () => undefined,
): OptimizerEntry {
  const shared = { groups: groupsSchema(optionsSchema), offload: offloadProperty(whyResident({})) };
  const onlyShared = { ...optionsSchema, required: [], properties: shared };

  return {
    optionsSchema: { ...optionsSchema, properties: { ...optionsSchema.properties, ...shared } },
    create({ groups: given, offload, ...main }: { groups?: unknown; offload?: unknown }) {
      const optimizer = create(main);
      const { name } = optimizer;
      const options = readOptions<SharedOptions>(name, onlyShared, { groups: given, offload });
      const groups = (options.groups ?? []).map(({ parameters, ...own }, i) => ({
        parameters: readPattern(name, `groups.${i}.parameters`, parameters),
        optimizer: create({ ...main, ...own }),
      }));
      const whole = options.groups ? parameterGroups(optimizer, groups) : optimizer;
      const place = readOffload(options.offload);
      if (!place) return whole;
      for (const own of [{}, ...(options.groups ?? [])]) {
        const reason = whyResident({ ...main, ...own });
        if (reason !== undefined) {
          throw new RangeError(
            `Cannot use optimizer.offload with ${reason}; leave out optimizer.offload`,
          );
        }
      }
      return { ...whole, offload: place };
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
