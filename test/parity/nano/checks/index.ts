import type { NanoCheck } from "../nanoCheck.ts";
import { api } from "./api.ts";
import { arrayLists } from "./arrayLists.ts";
import { decodeEngine } from "./decodeEngine.ts";
import { decoder } from "./decoder.ts";
import { decoderTraining } from "./decoderTraining.ts";
import { distillation } from "./distillation.ts";
import { generation } from "./generation.ts";
import { idefics3 } from "./idefics3.ts";
import { idefics3Engine } from "./idefics3Engine.ts";
import { idefics3Pictures } from "./idefics3Pictures.ts";
import { idefics3Training } from "./idefics3Training.ts";
import { pruning } from "./pruning.ts";
import { quantization } from "./quantization.ts";
import { rope } from "./rope.ts";
import { sampling } from "./sampling.ts";
import { savedModel } from "./savedModel.ts";
import { streaming } from "./streaming.ts";
import { tokenizer } from "./tokenizer.ts";

/** Everything that is compared. */
export const checks: readonly NanoCheck[] = [
  arrayLists,
  rope,
  decoder,
  generation,
  decodeEngine,
  decoderTraining,
  idefics3,
  idefics3Engine,
  idefics3Training,
  idefics3Pictures,
  sampling,
  savedModel,
  tokenizer,
  distillation,
  pruning,
  quantization,
  streaming,
  api,
];
