import type { EarlyTerminateSpec, HalvingSpec } from "../../spec/earlyTermination.ts";
import type { Pruner } from "../pruner.ts";
import { ashaPruner } from "./asha.ts";
import { hyperbandPruner } from "./hyperband.ts";
import { patiencePruner } from "./patience.ts";
import { percentilePruner } from "./percentile.ts";

/** Where trials run until they are stopped. */
export type PrunerSpec = Exclude<EarlyTerminateSpec, HalvingSpec>;

/** The pruner that a sweep's `early_terminate` asks for. */
export function createPruner(spec: PrunerSpec): Pruner {
  switch (spec.type) {
    case "hyperband":
      return hyperbandPruner(spec);
    case "median":
      return percentilePruner({ ...spec, percentile: 50 });
    case "percentile":
      return percentilePruner(spec);
    case "asha":
      return ashaPruner(spec);
    case "patience":
      return patiencePruner(spec);
  }
}
