import { sameShape } from "../base/shape.ts";
import type { Graph, GraphValue, Program } from "../graph/graph.ts";
import { viewsAtTheBorder, type ViewedProgram } from "../graph/passes/viewsAtTheBorder.ts";
import {
  RuntimeValue,
  type Binding,
  type OptimizationLevel,
  type Session,
} from "../runtime/session.ts";
import { runtimeTypeOf } from "./hostValue.ts";
import type { Sessions } from "./sessions.ts";

/** Where a program's inputs are and its outputs go. */
export interface Memory {
  inputOf: (value: GraphValue) => RuntimeValue;
  outputOf: (value: GraphValue) => RuntimeValue;
}

export interface ProgramStepOptions {
  /** The program is part of it. */
  graph: Graph;
  optimization: OptimizationLevel;
  /** Whether inputs and outputs may be handed over in another shape. */
  hasViews: boolean;
}

/** One of a compiled function's programs, with the session that runs it. */
export class ProgramStep {
  readonly #sessions: Sessions;
  /** As it was planned. */
  readonly #program: Program;
  readonly #viewed: ViewedProgram;
  /** Absent when the program computes nothing. */
  readonly #session: Session | undefined;
  #inputs: RuntimeValue[] = [];
  #outputs: RuntimeValue[] = [];
  /** Made anew when an array was exchanged. */
  #binding: Binding | undefined;

  constructor(
    sessions: Sessions,
    program: Program,
    { graph, optimization, hasViews }: ProgramStepOptions,
  ) {
    this.#sessions = sessions;
    this.#program = program;
    this.#viewed = hasViews
      ? viewsAtTheBorder(program, graph)
      : { program, inputs: program.inputs };
    if (program.outputs.length > 0) {
      this.#session = sessions.make(this.#viewed.program, optimization);
    }
  }

  /** What runs the program; undefined when it computes nothing. */
  bind({ inputOf, outputOf }: Memory): Binding | undefined {
    if (!this.#session) return undefined;
    const inputs = this.#viewed.inputs.map(inputOf);
    const outputs = this.#program.outputs.map(outputOf);
    if (!this.#binding || !isSame(inputs, this.#inputs) || !isSame(outputs, this.#outputs)) {
      this.#inputs = inputs;
      this.#outputs = outputs;
      const { program } = this.#viewed;
      this.#binding = this.#session.bind(
        inputs.map((value, i) => viewOf(value, this.#viewed.inputs[i]!, program.inputs[i]!)),
        outputs.map((value, i) => viewOf(value, this.#program.outputs[i]!, program.outputs[i]!)),
      );
    }
    return this.#binding;
  }

  dispose(): void {
    if (this.#session) this.#sessions.release(this.#session);
  }
}

function isSame(a: readonly RuntimeValue[], b: readonly RuntimeValue[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** The same memory in the shape that the session wants. */
function viewOf(value: RuntimeValue, is: GraphValue, wanted: GraphValue): RuntimeValue {
  if (sameShape(is.shape, wanted.shape)) return value;
  return new RuntimeValue(value.array, runtimeTypeOf(wanted), wanted.shape);
}
