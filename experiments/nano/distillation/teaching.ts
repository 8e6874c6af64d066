import { InputError, loadDecoder, type Decoder } from "seedbed";

import type { NanoData } from "../data/buildNanoData.ts";
import { endOfText, endOfTurn } from "../data/chat.ts";
import type { DecoderModuleOptions } from "../decoderModule.ts";
import type { NanoTrainingSettings } from "../settings.ts";
import { onPolicyBatches } from "./onPolicy.ts";

/** What a model learns with beside the labels; `dispose` gives the teacher back. */
export interface Teaching {
  readonly options: Pick<DecoderModuleOptions, "teacher" | "distillation" | "onPolicy">;
  dispose(): void;
}

/** @throws {InputError} for variants that need another, or exclude each other */
export function checkTeaching({
  distillation,
  lora,
}: Pick<NanoTrainingSettings, "distillation" | "lora">): void {
  const { teacher, onPolicy, teacherWeight } = distillation;
  if (onPolicy.share > 0 && (teacher === null || teacherWeight === 0)) {
    throw new InputError(
      "Cannot learn on policy: expected distillation.teacher and a teacherWeight above 0, since nobody else judges what the student says",
    );
  }
  if (onPolicy.share > 0 && lora !== null) {
    throw new InputError(
      "Cannot learn on policy with lora: expected the parameters themselves to be trained, as samples are drawn with these",
    );
  }
}

/** Loads the teacher, if steps ask one. */
export function startTeaching(
  { distillation }: Pick<NanoTrainingSettings, "distillation">,
  { tokenizer }: NanoData,
  student: Decoder,
): Teaching {
  const { teacher: folder, onPolicy, ...options } = distillation;
  if (folder === null || options.teacherWeight === 0) return { options: {}, dispose() {} };
  const stopTokens = [endOfTurn, endOfText].map((token) => tokenizer.idOf(token)!);
  const ends = { student, stopTokens, padId: tokenizer.ids.pad! };
  const own = onPolicy.share > 0 ? onPolicyBatches({ ...onPolicy, ...ends }) : undefined;
  const teacher = loadDecoder(folder);
  return {
    options: { teacher, distillation: options, onPolicy: own },
    dispose: () => teacher.dispose(),
  };
}
