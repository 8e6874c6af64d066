import type { EvaluateContext, RgbImage } from "seedbed";

import { clipMetrics, clipScores, openClip } from "../evaluator/clipScores.ts";
import type { Pictures } from "./drawPictures.ts";
import type { Question } from "./question.ts";

/** The scores of papers. */
export interface ClipNumbers {
  /** CLIP-I: mean cosine of the subject's samples and its pictures. */
  readonly clipI?: number;
  /** CLIP-T: mean cosine of samples and their prompts, without the subject's token. */
  readonly clipT?: number;
}

export interface ClipJudge {
  /** Nothing for a model that was not asked for the subject. */
  measure(own: Pictures): Promise<ClipNumbers>;
  dispose(): void;
}

const noJudge: ClipJudge = { measure: async () => ({}), dispose() {} };

/**
 * Judges pictures by a CLIP.
 *
 * @param source a folder, or `hf:owner/name`; undefined: nothing is measured
 * @param subject its pictures, and the words that name it
 * @throws {InputError} when it is no CLIP
 */
export async function clipJudge(
  source: string | undefined,
  question: Question,
  subject: { readonly pictures: readonly RgbImage[]; readonly tokens: readonly string[] },
  { compile, print }: Pick<EvaluateContext, "compile" | "print">,
): Promise<ClipJudge> {
  if (source === undefined) return noJudge;
  const scores = await clipScores(await openClip(source, compile, print), subject.pictures);
  const prompts = new Set(
    [question.subject, ...question.coloured, ...question.others].map(({ prompt }) => prompt),
  );
  return {
    async measure(own) {
      if (!own.has(question.subject.prompt)) return {};
      const samples = [...prompts].flatMap((prompt) =>
        (own.get(prompt) ?? []).map((image) => ({ prompt, image })),
      );
      return clipMetrics(scores, samples, subject.tokens);
    },
    dispose: () => scores.dispose(),
  };
}
