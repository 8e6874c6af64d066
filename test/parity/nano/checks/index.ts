import type { NanoCheck } from "../nanoCheck.ts";
import { decoder } from "./decoder.ts";
import { decoderTraining } from "./decoderTraining.ts";
import { rope } from "./rope.ts";

/** Everything that is compared. */
export const checks: readonly NanoCheck[] = [rope, decoder, decoderTraining];
