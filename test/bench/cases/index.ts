import { fullSize, type Workload } from "../workload.ts";
import { autoencoder } from "./autoencoder.ts";
import { singleOperations } from "./operations.ts";
import { stableDiffusionFull } from "./stableDiffusionFull.ts";
import { transformer } from "./transformer.ts";
import { sampling, samplingSd, unet, unetCheckpointed, unetSd, unetWide } from "./unet.ts";

/** All that can be measured, in the order of the report. */
export const workloads: readonly Workload[] = [
  autoencoder,
  unet,
  transformer,
  unetWide,
  unetCheckpointed,
  unetSd,
  sampling,
  samplingSd,
  ...singleOperations,
  ...stableDiffusionFull,
];

/** The workload of a name, or all of {@link fullSize}. @throws {RangeError} as findWorkload */
export function findWorkloads(name: string): readonly Workload[] {
  return name === fullSize ? stableDiffusionFull : [findWorkload(name)];
}

/** @throws {RangeError} naming those there are */
export function findWorkload(name: string): Workload {
  const found = workloads.find((each) => each.name === name);
  if (found) return found;
  const known = [...workloads.map((each) => each.name), fullSize].map((each) => `\n  ${each}`);
  throw new RangeError(`Cannot measure "${name}": expected one of${known.join("")}`);
}
