import type { ParityCheck } from "../parityCheck.ts";
import { autoencoder } from "./autoencoder.ts";
import { checkpointNames } from "./checkpointNames.ts";
import { textEncoder } from "./textEncoder.ts";
import { tokenizer } from "./tokenizer.ts";
import { training } from "./training.ts";
import { unet } from "./unet.ts";

/** Everything that is compared, in the order of a pipeline's parts. */
export const checks: readonly ParityCheck[] = [
  checkpointNames,
  tokenizer,
  textEncoder,
  unet,
  autoencoder,
  training,
];
