import type { Workload } from "../workload.ts";
import { autoencoder } from "./autoencoder.ts";
import { singleOperations } from "./operations.ts";
import { transformer } from "./transformer.ts";
import { unet, unetSd } from "./unet.ts";

/** All that can be measured, in the order of the report. */
export const workloads: readonly Workload[] = [
  autoencoder,
  unet,
  transformer,
  unetSd,
  ...singleOperations,
];
