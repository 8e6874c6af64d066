import type { Graph, GraphNode, GraphValue } from "../graph/graph.ts";
import type { Monomial, VaryingShapesOptions } from "./lengths.ts";

const one = { shape: [1], dtype: "int64" } as const;

/** Nodes that compute shapes from the lengths of inputs, each length and product once. */
export class LengthNodes {
  readonly #graph: Graph;
  readonly #sources: VaryingShapesOptions["sources"];
  readonly #known = new Map<string, GraphValue>();
  /** In an order in which they can run. */
  readonly nodes: GraphNode[] = [];

  constructor(graph: Graph, sources: VaryingShapesOptions["sources"]) {
    this.#graph = graph;
    this.#sources = sources;
    graph.kernel = "Shape";
  }

  /** A list of lengths, int64. */
  shape(elements: readonly Monomial[]): GraphValue {
    return this.#once(elements.map(keyOf).join(), () => {
      const parts = elements.map((element) => this.#element(element));
      const output = { shape: [parts.length], dtype: "int64" } as const;
      return parts.length === 1 ? parts[0]! : this.#node("Concat", parts, { axis: 0 }, output);
    });
  }

  #element({ factor, terms }: Monomial): GraphValue {
    return this.#once(keyOf({ factor, terms }), () => {
      const times: GraphValue[] = [];
      const by: GraphValue[] = [];
      for (const [name, { power, offset }] of Object.entries(terms)) {
        const side = power > 0 ? times : by;
        for (let i = 0; i < Math.abs(power); i++) side.push(this.#length(name, offset));
      }
      const [numerator, denominator] = fraction(factor);
      if (numerator !== 1 || times.length === 0) times.unshift(this.#constant(numerator));
      if (denominator !== 1) by.push(this.#constant(denominator));
      const product = times.reduce((a, b) => this.#node("Mul", [a, b], {}, one));
      return by.reduce((a, b) => this.#node("Div", [a, b], {}, one), product);
    });
  }

  #length(name: string, offset: number): GraphValue {
    return this.#once(`${name}+${offset}`, () => {
      if (offset !== 0) {
        const terms = [this.#length(name, 0), this.#constant(offset)];
        return this.#node("Add", terms, {}, one);
      }
      const { input, axis } = this.#sources[name]!;
      return this.#node("Shape", [input], { start: axis, end: axis + 1 }, one);
    });
  }

  #constant(value: number): GraphValue {
    return this.#graph.constant("int64", BigInt64Array.of(BigInt(value)), [1]);
  }

  #node(
    op: string,
    inputs: readonly GraphValue[],
    attributes: GraphNode["attributes"],
    output: Pick<GraphValue, "shape" | "dtype">,
  ): GraphValue {
    const [value] = this.#graph.node(op, inputs, attributes, [output]);
    this.nodes.push(value!.node!);
    return value!;
  }

  #once(key: string, make: () => GraphValue): GraphValue {
    const known = this.#known.get(key);
    if (known) return known;
    const value = make();
    this.#known.set(key, value);
    return value;
  }
}

function keyOf({ factor, terms }: Monomial): string {
  const parts = Object.entries(terms).map(
    ([name, { power, offset }]) => `(${name}+${offset})^${power}`,
  );
  return [factor, ...parts].join("*");
}

/** The factor as a quotient of integers; lengths are halved or quartered and the like, no more. */
function fraction(factor: number): [numerator: number, denominator: number] {
  for (let denominator = 1; denominator <= 4096; denominator++) {
    const numerator = Math.round(factor * denominator);
    if (Math.abs(factor * denominator - numerator) < 1e-9) return [numerator, denominator];
  }
  throw new Error(`Cannot compute a shape: ${factor} is no simple fraction`);
}
