import { createHash } from "node:crypto";

import { hashFiles, type Run } from "seedbed";

import type { DataSettings } from "./settings/data.ts";
import { maskFiles } from "./subjectMasks.ts";
import { subjectRecord } from "./subjects.ts";

/**
 * Notes what pictures are trained under, captions among it: a run does not go on with other texts.
 *
 * @param prompts of each picture, in the order of the files
 * @throws {InputError} when the run goes on from a checkpoint that was trained with others
 */
export function recordTexts(
  run: Pick<Run, "recordData">,
  data: DataSettings,
  prompts: { readonly subject: readonly (readonly string[])[]; readonly class: readonly string[] },
): void {
  const texts = JSON.stringify([prompts.subject, prompts.class]);
  const distinct = new Set([...prompts.subject.flat(), ...prompts.class]).size;
  const sha256 = createHash("sha256").update(texts).digest("hex");
  run.recordData(subjectRecord("prompts", data), sha256, { distinct });
}

/**
 * Notes the masks of a subject's pictures, where they are files.
 *
 * @throws {InputError} as `recordTexts`, or naming a picture without a mask
 */
export function recordMasks(
  run: Pick<Run, "recordData">,
  data: DataSettings,
  pictures: readonly string[],
): void {
  const { masks } = data.instance;
  if (masks === null) return;
  run.recordData(subjectRecord("masks", data), hashFiles(maskFiles(pictures, masks)));
}
