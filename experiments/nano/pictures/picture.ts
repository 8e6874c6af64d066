import type { Split } from "../data/split.ts";

/** Side of all pictures in pixels. */
export const pictureSize = 64;

export interface PictureQuestion {
  readonly question: string;
  readonly answer: string;
}

/** A picture and what can be asked about it. */
export interface Picture {
  readonly source: string;
  readonly split: Split;
  /** RGB, `pictureSize` on a side. */
  readonly rgb: Uint8Array;
  /** The first one names what is shown. */
  readonly questions: readonly PictureQuestion[];
}
