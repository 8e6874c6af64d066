import { sizeOf } from "../base/shape.ts";
import type { GraphNode, GraphValue } from "./graph.ts";

/** Operators whose results are the same bits wherever they are computed, as IEEE 754 says. */
export type LaneOperator = "Abs" | "Add" | "Div" | "Mul" | "Neg" | "Sign" | "Sqrt" | "Sub";
const operators: ReadonlySet<string> = new Set<LaneOperator>([
  "Abs",
  "Add",
  "Div",
  "Mul",
  "Neg",
  "Sign",
  "Sqrt",
  "Sub",
]);

function isLaneOperator(op: string): op is LaneOperator {
  return operators.has(op);
}

/** What a step works on; an index of the recipe's operands, scalars or steps, or a number. */
export type LaneTerm =
  | { operand: number }
  | { scalar: number }
  | { step: number }
  | { number: number };

export interface LaneStep {
  readonly op: LaneOperator;
  readonly terms: readonly LaneTerm[];
}

/** The same arithmetic for each element of some arrays of one length. */
export interface LaneRecipe {
  /** How many arrays it reads. */
  readonly operands: number;
  /** Numbers that are known when it runs. */
  readonly scalars: readonly GraphValue[];
  readonly steps: readonly LaneStep[];
  /** Which steps' results are written over which arrays, once all steps of an element are done. */
  readonly results: readonly { readonly step: number; readonly operand: number }[];
}

/**
 * Nodes on arrays of one shape as a recipe; undefined where it has no word for one of them.
 *
 * @param nodes in order
 * @param results outputs, each with the operand that it overwrites
 * @param scalarOf sees through reshapes of a number
 */
export function laneRecipe(
  nodes: readonly GraphNode[],
  operands: readonly GraphValue[],
  results: ReadonlyMap<GraphValue, number>,
  scalarOf: (value: GraphValue) => GraphValue,
): LaneRecipe | undefined {
  const places = new Map(nodes.map((node, step) => [node.outputs[0]!, step]));
  const scalars: GraphValue[] = [];
  const termOf = (value: GraphValue): LaneTerm => {
    const operand = operands.indexOf(value);
    if (operand >= 0) return { operand };
    const step = places.get(value);
    if (step !== undefined) return { step };
    const scalar = scalarOf(value);
    if (scalar.constant) return { number: Number(scalar.constant[0]) };
    if (!scalars.includes(scalar)) scalars.push(scalar);
    return { scalar: scalars.indexOf(scalar) };
  };
  const steps: LaneStep[] = [];
  for (const { op, inputs } of nodes) {
    if (!isLaneOperator(op) || inputs.some((input) => !input)) return undefined;
    steps.push({ op, terms: inputs.map((input) => termOf(input!)) });
  }
  if (scalars.some(({ dtype, shape }) => dtype !== "float32" || sizeOf(shape) !== 1)) {
    return undefined;
  }
  const written = Array.from(results, ([value, operand]) => ({
    step: places.get(value)!,
    operand,
  }));
  return { operands: operands.length, scalars, steps, results: written };
}
