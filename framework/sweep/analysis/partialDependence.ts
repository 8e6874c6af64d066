import { meanAndDeviation } from "../../base/meanAndDeviation.ts";
import type { ParameterRange } from "./parameterImportance.ts";
import { placeIn, valueAt } from "./randomForest/feature.ts";
import type { RandomForest } from "./randomForest/randomForest.ts";
import { treeSurface, type MarginalPart } from "./randomForest/treeMarginal.ts";

/** What a metric is over one parameter, averaged over all values of the others. */
export interface PartialDependence {
  /** Numbers in order, or indices of choices. */
  readonly at: readonly number[];
  readonly mean: readonly number[];
  /** Between trees, at each place. */
  readonly deviation: readonly number[];
}

const places = 50;

/**
 * The mean that the forest foretells over each parameter, over the whole space of all others: exact,
 * as trees are constant on boxes. Trees differ as the points they were grown on do, so the band is
 * wide where little is known; of noise between seeds it knows nothing.
 *
 * Source: Friedman 2001, "Greedy function approximation", section 8.2.
 *
 * @returns one for each parameter
 */
export function partialDependence({
  trees,
  features,
  parameters,
}: RandomForest): PartialDependence[] {
  const surfaces = trees.map(({ root }) => treeSurface(root, features));
  return features.map(({ unused }, i) => {
    const { range } = parameters[i]!;
    const spreads = marksOf(range).map(({ at, place }) => {
      const values = surfaces.map(({ marginals }) =>
        valueAtPlace(marginals[i]!, range.kind === "choices" ? at : unused + (1 - unused) * place),
      );
      return { at, ...meanAndDeviation(values) };
    });
    return {
      at: spreads.map(({ at }) => at),
      mean: spreads.map(({ mean }) => mean),
      deviation: spreads.map(({ deviation }) => deviation ?? 0),
    };
  });
}

interface Mark {
  readonly at: number;
  readonly place: number;
}

/** Values to ask for; each whole number once. */
function marksOf(range: ParameterRange): Mark[] {
  if (range.kind === "choices") {
    return Array.from({ length: range.count }, (_, choice) => ({ at: choice, place: choice }));
  }
  const values = Array.from({ length: places }, (_, i) => valueAt(range, (i + 0.5) / places));
  return [...new Set(values)].map((at) => ({ at, place: placeIn(range, at) }));
}

function valueAtPlace(parts: readonly MarginalPart[], place: number): number {
  return parts.find(({ to }) => place <= to)!.value;
}
