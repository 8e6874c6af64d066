import type { ParityCheck } from "../parityCheck.ts";
import { autoencoder } from "./autoencoder.ts";
import { checkpointNames } from "./checkpointNames.ts";
import { exports } from "./exports.ts";
import { lora } from "./lora.ts";
import { samplers } from "./samplers.ts";
import { sampling } from "./sampling.ts";
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
  samplers,
  sampling,
  training,
  lora,
  exports,
];
