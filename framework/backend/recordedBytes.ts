import type * as tf from "@tensorflow/tfjs";

import { sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { planPrograms } from "./plan.ts";
import type { Recording } from "./recording.ts";
import { chosenPeakBytes } from "./sessions.ts";

const bytesPerElement = 4;
/** What a session keeps of a node; measured on graphs of 260 to 4,500 nodes. */
const bytesPerNode = 2500;

/** What a recorded function will need beside its inputs and variables, its sessions included. */
export function recordedBytes({ outputs, variables }: Recording<tf.NamedTensorMap>): number {
  const returned = outputs.map(({ value }) => value);
  const changes = variables.flatMap(({ before, after }) => (after ? [{ before, after }] : []));
  const { programs, boundary, states } = planPrograms(returned, changes);
  const second = changes.filter((_, i) => states[i]!.placement === "alternate");
  const kept = [...boundary, ...returned, ...second.map(({ after }) => after)];
  const nodes = programs.reduce((sum, program) => sum + program.nodes.length, 0);
  return sizeInBytes(kept) + Math.max(...programs.map(chosenPeakBytes)) + bytesPerNode * nodes;
}

function sizeInBytes(values: readonly GraphValue[]): number {
  return values.reduce((sum, { shape }) => sum + sizeOf(shape) * bytesPerElement, 0);
}
