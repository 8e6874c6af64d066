import type { GivenPicture } from "./pictureReader.ts";

/** A picture in its place in a prompt. */
export interface ShownPicture {
  readonly picture: GivenPicture;
  /** Whether it is shown in tiles, too. */
  readonly split: boolean;
  /** What stands for it in the text. */
  readonly text: string;
  /** How many image tokens its text has. */
  readonly tokens: number;
  /** The field that it was given in. */
  readonly param: string;
}
