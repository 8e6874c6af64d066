import type { Split } from "../data/split.ts";

/** Side of all pictures in pixels. */
export const pictureSize = 64;

/** What is asked of a picture: a drawing's name, a shape, how many, a digit, what is where. */
export const pictureKinds = ["emoji", "shapes", "counts", "digits", "positions"] as const;
export type PictureKind = (typeof pictureKinds)[number];

export interface PictureQuestion {
  readonly question: string;
  readonly answer: string;
}

/** A picture and what can be asked about it. */
export interface Picture {
  readonly kind: PictureKind;
  readonly split: Split;
  /** RGB, `pictureSize` on a side. */
  readonly rgb: Uint8Array;
  /** The first one names what is shown. */
  readonly questions: readonly PictureQuestion[];
}
