import type { Graph, GraphValue } from "../graph/graph.ts";

/** Lengths by name, such as `batch_size`. */
export type Lengths = Readonly<Record<string, number>>;

export interface VaryingShapesOptions {
  /** Of the program at the first lengths. */
  readonly graph: Graph;
  /** An input and its axis that has each length. */
  readonly sources: Readonly<Record<string, { input: GraphValue; axis: number }>>;
}

/** A factor times powers of lengths, each perhaps with something added to it first. */
export interface Monomial {
  readonly factor: number;
  readonly terms: Readonly<Record<string, Term>>;
}

/** `(length + offset) ** power`, both integers. */
export interface Term {
  readonly power: number;
  readonly offset: number;
}
