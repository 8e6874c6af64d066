import type * as tf from "@tensorflow/tfjs";

import type { FilePlace } from "../base/scratchFiles.ts";
import { describeShape, sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { LaneGroup } from "../graph/passes/fuseLanes.ts";
import type { HostArray } from "../runtime/session.ts";
import type { OrtBackend } from "./ortBackend.ts";
import { WindowedUpdate, type Source } from "./windowedUpdate.ts";

interface RecordedVariable {
  readonly variable: tf.Variable;
  readonly before: GraphValue | undefined;
  readonly after: GraphValue | undefined;
}

/** A compiled function's updates of variables that lie in files. */
export class FiledUpdates {
  readonly #backend: OrtBackend;
  readonly #updates: readonly WindowedUpdate[];
  /** Old values of the variables. */
  readonly #variables: ReadonlyMap<GraphValue, tf.Variable>;

  /**
   * Variables of one element, which have no lanes, leave their files.
   *
   * @param groups those that read or write such variables
   * @throws {Error} when another is changed by other means, or the disk has no room for them
   */
  constructor(
    backend: OrtBackend,
    recorded: readonly RecordedVariable[],
    groups: readonly LaneGroup[],
  ) {
    this.#backend = backend;
    const operands = new Set(groups.flatMap((group) => group.operands.flat()));
    const variables = new Map<GraphValue, tf.Variable>();
    for (const { variable, before, after } of recorded) {
      const place = backend.filed.placeOf(variable);
      if (!place || !after) continue;
      if (before && operands.has(before)) {
        place.file.reserve();
        variables.set(before, variable);
      } else if (sizeOf(variable.shape) === 1) {
        backend.filed.remove(variable, backend.computed(variable.dataId));
      } else {
        throw new Error(
          `Cannot update a variable of shape ${describeShape(variable.shape)} in ${place.file.name}: the function computes it by more than arithmetic on each element; leave out optimizer.offload`,
        );
      }
    }
    this.#variables = variables;
    const placeOf = (value: GraphValue): FilePlace | undefined => {
      const variable = variables.get(value);
      return variable && backend.filed.placeOf(variable);
    };
    const { laneThreads, windows } = backend;
    this.#updates = groups.map(
      (group) => new WindowedUpdate(group, group.recipe!, laneThreads, windows, placeOf),
    );
  }

  /** What the updates take from the function's programs. */
  get scalars(): GraphValue[] {
    return this.#updates.flatMap(({ scalars }) => scalars);
  }

  /** Whether this is the old value of a variable that is updated in its file. */
  has(value: GraphValue | undefined): value is GraphValue {
    return value !== undefined && this.#variables.has(value);
  }

  /** Sees to it that a variable's values are in its file. */
  place(variable: tf.Variable): void {
    this.#backend.filed.settle(variable, this.#backend.computed(variable.dataId));
  }

  /** @param arrayOf of values that are in memory */
  async run(
    numberOf: (scalar: GraphValue) => number,
    arrayOf: (value: GraphValue) => HostArray,
  ): Promise<void> {
    const sourceOf = (value: GraphValue): Source => {
      const variable = this.#variables.get(value);
      return variable ? this.#backend.filed.placeOf(variable)! : arrayOf(value);
    };
    const { counters } = this.#backend;
    for (const update of this.#updates) {
      await counters.computed(() => update.run(update.scalars.map(numberOf), sourceOf));
    }
  }

  dispose(): void {
    for (const update of this.#updates) update.unload();
  }
}
