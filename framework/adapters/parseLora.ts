import { existsSync } from "node:fs";

import { InputError } from "../base/errors.ts";

/** A file of low-rank changes and the factor on them. */
export interface ScaledLora {
  readonly file: string;
  readonly scale: number;
}

/**
 * Reads `FILE` or `FILE:scale`, as users type it.
 *
 * @throws {InputError} when the scale is no number
 */
export function parseLora(text: string): ScaledLora {
  const [, file, scale] = /^(.+?)(?::([^:/\\]*))?$/.exec(text) ?? [];
  if (file === undefined || scale === undefined || existsSync(text))
    return { file: text, scale: 1 };
  if (scale.trim() !== "" && Number.isFinite(Number(scale))) return { file, scale: Number(scale) };
  throw new InputError(
    `Cannot merge LoRA ${text}: expected FILE or FILE:scale, such as a.safetensors:0.8`,
  );
}
