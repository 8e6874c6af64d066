import { Graph, type GraphValue } from "../graph/graph.ts";
import { GraphBuilder, type Target } from "../onnx/lowering.ts";
import { seenAs, type Entry } from "./entry.ts";

/** Writes kernel calls into one graph and knows which tensors wait for its results. */
export class Recorder {
  readonly graph: Graph = new Graph();
  readonly builder: GraphBuilder;
  /** True while a function is being compiled: nothing may be read then. */
  readonly capturing: boolean;
  /** Graph inputs by the tensor they stand for. */
  readonly inputs: Map<Entry, GraphValue> = new Map<Entry, GraphValue>();
  /** Live tensors whose values this graph will compute. */
  readonly pending: Set<Entry> = new Set<Entry>();
  readonly #reshaped = new Map<GraphValue, Map<string, GraphValue>>();

  constructor(capturing: boolean, target: Target = {}) {
    this.capturing = capturing;
    this.builder = new GraphBuilder(this.graph, target);
  }

  /** The graph's value of a tensor, which may see its data under another shape. */
  graphValue(entry: Entry, shape: readonly number[]): GraphValue {
    return this.#withShape(this.#value(entry), seenAs(entry.dtype, shape).shape);
  }

  #value(entry: Entry): GraphValue {
    if (entry.value && entry.recorder === this) return entry.value;
    const known = this.inputs.get(entry);
    if (known) return known;
    if (!entry.array && !entry.deviceValue && !entry.place) {
      throw new Error(
        entry.recorder
          ? "Cannot use a tensor that was made inside a compiled function and kept: return it from the function instead"
          : `Cannot record a tensor of dtype ${entry.dtype}`,
      );
    }
    const { dtype, shape } = seenAs(entry.dtype, entry.shape);
    if (this.capturing && entry.madeBy === this && entry.array) {
      return this.graph.constant(dtype, entry.array, shape);
    }
    const input = this.graph.input(dtype, shape);
    this.inputs.set(entry, input);
    return input;
  }

  #withShape(value: GraphValue, shape: readonly number[]): GraphValue {
    const key = shape.join();
    if (value.shape.join() === key) return value;
    let views = this.#reshaped.get(value);
    if (!views) this.#reshaped.set(value, (views = new Map<string, GraphValue>()));
    let view = views.get(key);
    if (!view) views.set(key, (view = this.builder.reshape(value, shape)));
    return view;
  }

  /** Notes that `entry` will hold `value` once the graph has run. */
  expect(entry: Entry, value: GraphValue): void {
    entry.value = value;
    entry.recorder = this;
    this.pending.add(entry);
  }
}
