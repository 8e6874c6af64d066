import { clipScores, openClip, type ClipScores } from "../evaluator/clipScores.ts";
import { loadFeatures, type Features } from "../evaluator/features.ts";
import { subjectPictures, type SubjectPictures } from "../evaluator/subjectPictures.ts";
import { pictureSide } from "../pictures/buckets.ts";
import { parseColour, plainPicture } from "../pictures/framing.ts";
import type { DreamboothSettings } from "../settings.ts";
import type { ValidatedSubject, ValidationOptions } from "./validationOptions.ts";

/** What a subject's samples are compared with. */
export interface SubjectJudges {
  readonly settings: DreamboothSettings;
  readonly pictures: SubjectPictures;
  /** Undefined: not asked for. */
  readonly features: Features | undefined;
  /** Undefined: not asked for. */
  readonly clip: ClipScores | undefined;
}

export interface Judges {
  readonly bySubject: readonly SubjectJudges[];
  /** Frees the models that compare. */
  dispose(): Promise<void>;
}

/** Opens what the section `validation` asks for. */
export async function openJudges({
  base: { components },
  context: { compile, print },
  bySubject,
}: ValidationOptions): Promise<Judges> {
  const { validation } = bySubject[0]!.settings;
  const features = validation.metrics
    ? await loadFeatures((reason) => print(`validation: ${reason}`))
    : undefined;
  const clip = validation.clip === null ? undefined : await openClip(validation.clip, compile);
  const side = pictureSide(components);
  const judge = async ({ settings, images }: ValidatedSubject): Promise<SubjectJudges> => {
    const { instance, background } = settings.data;
    const plain = images.map(({ image }) => plainPicture(image, side, parseColour(background)));
    return {
      ...{ settings, features },
      pictures: await subjectPictures(images, instance.reference, side),
      clip: clip && (await clipScores(clip, await Promise.all(plain))),
    };
  };
  const judges: SubjectJudges[] = [];
  for (const subject of bySubject) judges.push(await judge(subject));
  return {
    bySubject: judges,
    async dispose() {
      clip?.dispose();
      await features?.extractor.close();
    },
  };
}
