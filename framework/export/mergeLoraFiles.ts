import { readLora } from "../adapters/loraFile.ts";
import { mergeLora } from "../adapters/loraMerge.ts";
import { errorAt, InputError } from "../base/errors.ts";
import type { PipelineComponents } from "../pipelines/pipelineComponents.ts";

/** A file of low-rank changes and the factor on them. */
export interface ScaledLora {
  readonly file: string;
  readonly scale: number;
}

/**
 * Reads `FILE` or `FILE:scale`.
 *
 * @throws {InputError} when the scale is no number
 */
export function parseLora(text: string): ScaledLora {
  const [, file, scale] = /^(.+?)(?::([^:/\\]*))?$/.exec(text) ?? [];
  if (file === undefined || scale === undefined) return { file: text, scale: 1 };
  if (scale !== "" && Number.isFinite(Number(scale))) return { file, scale: Number(scale) };
  throw new InputError(
    `Cannot merge LoRA ${text}: expected FILE or FILE:scale, such as a.safetensors:0.8`,
  );
}

/**
 * Adds changes to a pipeline's own weights.
 *
 * @throws {InputError} when a file is corrupt or of another model
 */
export function mergeLoraFiles(
  { unet, textEncoder }: PipelineComponents,
  loras: readonly ScaledLora[],
): void {
  const merge = mergeLora({ unet: unet.model, text_encoder: textEncoder.model });
  try {
    for (const { file, scale } of loras) mergeOne(merge, file, scale);
  } finally {
    merge.dispose();
  }
}

function mergeOne(merge: ReturnType<typeof mergeLora>, file: string, scale: number): void {
  const stored = readLora(file);
  try {
    merge.merge(stored, scale);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(errorAt(file, cause).message, { cause });
  }
}
