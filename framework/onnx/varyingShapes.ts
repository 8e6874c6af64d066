import {
  attributesKey,
  withNodes,
  type GraphNode,
  type GraphValue,
  type Program,
} from "../graph/graph.ts";
import { LengthNodes } from "./lengthNodes.ts";
import type { Lengths, VaryingShapesOptions, Monomial, Term } from "./lengths.ts";

/** One function's program, recorded at some lengths of its inputs' axes. */
export interface SizedProgram {
  readonly program: Program;
  readonly lengths: Lengths;
}

/**
 * A program for any lengths, from programs of the same function at some: a shape that differs
 * between them is a product of a constant and powers of lengths, or of a length and a constant more,
 * and is computed from the inputs' shapes.
 *
 * @param base the program to be changed
 * @param others one for each length, in which that alone is doubled, and at least one to check with
 * @throws {Error} when the programs differ in more than shapes, or in other than such products
 */
export function withVaryingShapes(
  base: SizedProgram,
  others: readonly SizedProgram[],
  { graph, sources }: VaryingShapesOptions,
): Program {
  const all = [base, ...others];
  const places = all.map(({ program }) => placesOf(program));
  const lengthNodes = new LengthNodes(graph, sources);
  const changed = base.program.nodes.map((node, i): GraphNode => {
    const alike = all.map(({ program }) => program.nodes[i]);
    checkAlike(node, alike);
    const inputs = node.inputs.map((input, j) => {
      const values = alike.map((each) => each?.inputs[j]);
      if (!input?.constant) {
        if (values.every((value, k) => samePlace(places[k]!, value, places[0]!, input)))
          return input;
        throw differs(node);
      }
      if (values.every((value) => value?.constant && sameConstant(value, input))) return input;
      const rows = values.map((value) => integersOf(value, node));
      if (rows.some(({ length }) => length !== rows[0]!.length)) throw differs(node);
      const elements = rows[0]!.map((_, k) =>
        monomialOf(
          all.map(({ lengths }, n) => ({ lengths, value: rows[n]![k]! })),
          node,
        ),
      );
      return lengthNodes.shape(elements);
    });
    return { ...node, inputs };
  });
  return withNodes(base.program, [...lengthNodes.nodes, ...changed]);
}

interface Sample {
  readonly lengths: Lengths;
  readonly value: number;
}

/** The product that gives each value at its lengths. */
function monomialOf(samples: readonly Sample[], node: GraphNode): Monomial {
  const [base] = samples;
  const terms: Record<string, Term> = {};
  for (const [name, length] of Object.entries(base!.lengths)) {
    const doubled = samples.find(({ lengths }) => isDoubled(base!.lengths, lengths, name));
    if (!doubled) throw new Error(`Cannot vary ${name}: expected a program in which it is doubled`);
    if (doubled.value !== base!.value) terms[name] = termOf(doubled.value / base!.value, length);
  }
  const factor = base!.value / product(terms, base!.lengths);
  const isExact = samples.every(
    ({ lengths, value }) => Math.abs(factor * product(terms, lengths) - value) < 1e-6,
  );
  if (isExact) return { factor, terms };
  throw differs(node);
}

/** What grows by a ratio when a length is doubled. */
function termOf(ratio: number, length: number): Term {
  const power = Math.log2(ratio);
  if (Number.isInteger(power)) return { power, offset: 0 };
  return { power: 1, offset: Math.round((length * (2 - ratio)) / (ratio - 1)) };
}

function product(terms: Monomial["terms"], lengths: Lengths): number {
  return Object.entries(terms).reduce(
    (result, [name, { power, offset }]) => result * (lengths[name]! + offset) ** power,
    1,
  );
}

function isDoubled(base: Lengths, other: Lengths, name: string): boolean {
  return Object.keys(base).every((each) => other[each] === base[each]! * (each === name ? 2 : 1));
}

/** Where each value comes from: an input's number, or a node's and which of its outputs. */
function placesOf({ inputs, nodes }: Program): ReadonlyMap<GraphValue, string> {
  const places = new Map<GraphValue, string>();
  inputs.forEach((value, i) => places.set(value, `input ${i}`));
  nodes.forEach(({ outputs }, i) => outputs.forEach((value, j) => places.set(value, `${i} ${j}`)));
  return places;
}

function samePlace(
  places: ReadonlyMap<GraphValue, string>,
  value: GraphValue | undefined,
  others: ReadonlyMap<GraphValue, string>,
  other: GraphValue | undefined,
): boolean {
  if (!value || !other) return value === other;
  return !value.constant && places.get(value) === others.get(other);
}

function checkAlike(node: GraphNode, alike: readonly (GraphNode | undefined)[]): void {
  const key = ({ domain, op, attributes, inputs }: GraphNode): string =>
    `${domain} ${op} ${inputs.length} ${attributesKey(attributes)}`;
  if (alike.every((other) => other && key(other) === key(node))) return;
  throw differs(node);
}

function sameConstant(a: GraphValue, b: GraphValue): boolean {
  const [x, y] = [a.constant!, b.constant!];
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  return x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
}

function integersOf(value: GraphValue | undefined, node: GraphNode): number[] {
  if (value?.dtype !== "int64" || value.shape.length !== 1) throw differs(node);
  return Array.from(value.constant!, Number);
}

function differs({ op, kernel }: GraphNode): Error {
  return new Error(
    `Cannot let lengths vary: ${op} of kernel ${kernel} depends on them in another way than by its shape`,
  );
}
