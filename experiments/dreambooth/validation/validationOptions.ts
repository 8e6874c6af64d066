import type { ExperimentContext, PipelineComponents, RgbaImage, TextToImage } from "seedbed";

import type { DreamboothSettings } from "../settings.ts";
import type { SubjectCopy } from "../subjectCopies.ts";

/** A pipeline and what draws with it, unless the spec names another sampler. */
export interface Drawing {
  components: PipelineComponents;
  generator: TextToImage;
}

/** A subject, and what of it is trained on. */
export interface ValidatedSubject {
  settings: DreamboothSettings;
  images: readonly { image: RgbaImage }[];
  copies: readonly SubjectCopy[];
}

export interface ValidationOptions {
  /** As the model was published. */
  base: Drawing;
  /** The same models, told to predict what they are trained to. */
  tuned: Drawing;
  context: ExperimentContext;
  /** At least one; what is no subject's is the first one's. */
  bySubject: readonly ValidatedSubject[];
}
