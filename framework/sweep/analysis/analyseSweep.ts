import { meanOf, type AnalysedPoint } from "./analysedPoint.ts";
import { comparePoints, rankPoints, type Comparison, type RankedPoint } from "./bestPoint.ts";
import { fanova } from "./fanova.ts";
import { observedParameter, type Cell } from "./observedParameter.ts";
import {
  parameterImportance,
  type ParameterRange,
  type RangedParameter,
} from "./parameterImportance.ts";
import { partialDependence } from "./partialDependence.ts";
import { permutationImportance } from "./permutationImportance.ts";
import { foretoldShare, growForest } from "./randomForest/randomForest.ts";
import { rankCorrelation } from "./rankCorrelation.ts";

/** Ways to tell how important parameters are, with the question that each answers. */
export const importanceMethods = [
  {
    key: "pedAnova",
    name: "PED-ANOVA",
    question: "What must be right to be among the best tenth of the points?",
  },
  {
    key: "fanova",
    name: "fANOVA",
    question: "What explains how results vary over the whole space that was searched?",
  },
  {
    key: "permutation",
    name: "permutation",
    question: "Without what are new points foretold badly?",
  },
] as const;

export type ImportanceMethod = (typeof importanceMethods)[number]["key"];

/** A parameter that was searched. */
export interface SearchedParameter {
  readonly name: string;
  /** Null where it is not known, or the parameter is a choice. */
  readonly range: ParameterRange | null;
}

export interface AnalysedParameter {
  readonly name: string;
  /** Shares of 1 by each method. */
  readonly importance: Readonly<Record<ImportanceMethod, number>>;
  /** Of ranks, with the metric; null for choices. */
  readonly correlation: number | null;
  readonly dependence: ParameterDependence;
}

/** The metric over one parameter, averaged over the others. */
export interface ParameterDependence {
  /** Numbers in order, or choices. */
  readonly at: readonly Cell[];
  readonly isLog: boolean;
  readonly mean: readonly number[];
  /** Between the forest's trees. */
  readonly deviation: readonly number[];
}

export interface SweepAnalysis {
  /** Finished runs with a finite metric. */
  readonly runs: number;
  /** The best first. */
  readonly ranking: readonly RankedPoint[];
  /** The second with the best; undefined where there is no second, or they have no common seed. */
  readonly second: Comparison | undefined;
  /** What decides the metric; undefined with too few runs or nothing to tell apart. */
  readonly influence: SweepInfluence | undefined;
}

export interface SweepInfluence {
  readonly parameters: readonly AnalysedParameter[];
  /** Of the variance of functional ANOVA, what no parameter explains alone. */
  readonly together: number;
  /** Of the metric's variance, what the forest foretells of points that it has not seen. */
  readonly foretold: number | undefined;
}

/** Finished runs from which on importance says something. */
export const leastRuns = 20;

/** What a search has found, by one metric. Points of which no run has it may be among them. */
export function analyseSweep(
  parameters: readonly SearchedParameter[],
  points: readonly AnalysedPoint[],
  goal: "minimize" | "maximize",
): SweepAnalysis {
  const ranking = rankPoints(points, goal);
  const [best, other] = ranking;
  const runs = ranking.reduce((sum, { interval }) => sum + interval.count, 0);
  return {
    runs,
    ranking,
    second: best && other ? comparePoints(best.point, other.point) : undefined,
    influence:
      runs < leastRuns || parameters.length === 0 || ranking.length < 2
        ? undefined
        : influenceOf(
            parameters,
            points.filter((point) => Number.isFinite(meanOf(point))),
            goal,
          ),
  };
}

function influenceOf(
  parameters: readonly SearchedParameter[],
  points: readonly AnalysedPoint[],
  goal: "minimize" | "maximize",
): SweepInfluence {
  const values = points.map(meanOf);
  const losses = goal === "maximize" ? values.map((value) => -value) : values;
  const columns = parameters.map((_, i) => points.map((point) => point.parameters[i] ?? null));
  const ranged = parameters.map((parameter, i) => rangedParameter(parameter, columns[i]!));
  const forest = growForest(ranged, values);
  const variance = fanova(forest);
  const [pedAnova, permutation] = [
    parameterImportance(ranged, losses),
    permutationImportance(forest),
  ];
  const dependences = partialDependence(forest);
  return {
    together: variance.together,
    foretold: foretoldShare(forest),
    parameters: parameters.map(({ name }, i) => ({
      name,
      importance: {
        pedAnova: pedAnova[i]!,
        fanova: variance.shares[i]!,
        permutation: permutation[i]!,
      },
      correlation: correlationOf(ranged[i]!, values),
      dependence: {
        ...dependences[i]!,
        at: dependences[i]!.at.map((at) => cellAt(ranged[i]!, columns[i]!, at)),
        isLog: ranged[i]!.range.kind === "numbers" && (ranged[i]!.range.isLog ?? false),
      },
    })),
  };
}

function rangedParameter({ range }: SearchedParameter, values: readonly Cell[]): RangedParameter {
  const observed = observedParameter(values);
  return range && observed.range.kind === "numbers" ? { ...observed, range } : observed;
}

/** Among the points that use it. */
function correlationOf({ range, values }: RangedParameter, metric: readonly number[]) {
  if (range.kind === "choices") return null;
  const used = [...values.keys()].filter((i) => !Number.isNaN(values[i]!));
  return rankCorrelation(
    used.map((i) => values[i]!),
    used.map((i) => metric[i]!),
  );
}

/** A choice's index as the choice. */
function cellAt({ range, values }: RangedParameter, column: readonly Cell[], at: number): Cell {
  return range.kind === "numbers" ? at : column[values.indexOf(at)]!;
}
