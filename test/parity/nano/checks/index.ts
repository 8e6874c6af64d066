import type { NanoCheck } from "../nanoCheck.ts";
import { decoder } from "./decoder.ts";
import { decoderTraining } from "./decoderTraining.ts";
import { distillation } from "./distillation.ts";
import { generation } from "./generation.ts";
import { idefics3 } from "./idefics3.ts";
import { idefics3Pictures } from "./idefics3Pictures.ts";
import { idefics3Training } from "./idefics3Training.ts";
import { pruning } from "./pruning.ts";
import { rope } from "./rope.ts";
import { sampling } from "./sampling.ts";
import { savedModel } from "./savedModel.ts";
import { tokenizer } from "./tokenizer.ts";

/** Everything that is compared. */
export const checks: readonly NanoCheck[] = [
  rope,
  decoder,
  generation,
  decoderTraining,
  idefics3,
  idefics3Training,
  idefics3Pictures,
  sampling,
  savedModel,
  tokenizer,
  distillation,
  pruning,
];
