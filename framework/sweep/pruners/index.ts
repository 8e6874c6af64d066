import type { EarlyTerminateSpec } from "../../spec/sweepSpec.ts";
import type { Pruner } from "../pruner.ts";
import { ashaPruner } from "./asha.ts";
import { hyperbandPruner } from "./hyperband.ts";
import { medianPruner } from "./median.ts";

/** The pruner that a sweep's `early_terminate` asks for. */
export function createPruner(spec: EarlyTerminateSpec): Pruner {
  switch (spec.type) {
    case "hyperband":
      return hyperbandPruner(spec);
    case "median":
      return medianPruner(spec);
    case "asha":
      return ashaPruner(spec);
  }
}
