import path from "node:path";

import { writeLearnedEmbeddings } from "../adapters/learnedEmbeddings.ts";
import { writeLora } from "../adapters/loraFile.ts";
import { InputError } from "../base/errors.ts";
import { StagedFolder } from "../base/stagedFolder.ts";
import type { ExportDtype } from "./exportPipeline.ts";
import type { StoredAdapters } from "./storedAdapters.ts";

/** Files of an export, as diffusers' training scripts leave them. */
export const adapterFiles = {
  lora: "pytorch_lora_weights.safetensors",
  tokens: "learned_embeds.safetensors",
} as const;

/**
 * Writes LoRA and learned tokens as files of their own, the folder whole or not at all. A folder of
 * that name is replaced. Tokens, which are small, stay in float32.
 *
 * @throws {InputError} when there is neither
 */
export function exportAdapters(
  folder: string,
  { lora, tokens }: StoredAdapters,
  dtype: ExportDtype,
): void {
  if (lora.size === 0 && tokens.size === 0) {
    throw new InputError(
      `Cannot export adapters to ${folder}: expected a run that trained LoRA or tokens, got neither`,
    );
  }
  const staged = new StagedFolder(folder);
  const file = (name: string): string => path.join(staged.path, name);
  try {
    if (lora.size > 0) {
      writeLora(file(adapterFiles.lora), lora, { dtype: dtype === "float16" ? "F16" : "F32" });
    }
    if (tokens.size > 0) writeLearnedEmbeddings(file(adapterFiles.tokens), tokens);
    staged.commit();
  } finally {
    staged.discard();
  }
}
