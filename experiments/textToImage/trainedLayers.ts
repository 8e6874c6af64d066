import { selectLayers, type NamedVariables } from "seedbed";

/** All layers of a part, none, or those that patterns name. */
export type TrainedLayers = boolean | readonly string[];

/** Parts of a pipeline, by the prefix that their parameters have in checkpoints. */
export type PartParameters = Readonly<Record<string, NamedVariables>>;

/**
 * Parameters of the layers that learn, each under its part's name.
 *
 * @throws {RangeError} naming the patterns that match no layer
 */
export function trainedLayers(
  parts: PartParameters,
  trains: Readonly<Record<string, TrainedLayers>>,
): NamedVariables {
  return new Map(
    Object.entries(parts).flatMap(([part, parameters]) => {
      const layers = trains[part] ?? false;
      if (typeof layers === "boolean") return layers ? prefixed(part, parameters) : [];
      return prefixed(part, selectLayers(parameters, layers));
    }),
  );
}

/** All parameters of the parts that are not among the trained ones. */
export function frozenLayers(parts: PartParameters, trained: NamedVariables): NamedVariables {
  const all = Object.entries(parts).flatMap(([part, parameters]) => prefixed(part, parameters));
  return new Map(all.filter(([name]) => !trained.has(name)));
}

function prefixed<Parameter>(
  part: string,
  parameters: ReadonlyMap<string, Parameter>,
): [string, Parameter][] {
  return [...parameters].map(([name, parameter]) => [`${part}.${name}`, parameter]);
}
