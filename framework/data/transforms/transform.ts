import type { RandomStream } from "../../base/random.ts";
import type { Image } from "../image.ts";

/**
 * One step from what a dataset reads to an example. Changes nothing in its argument.
 *
 * @param random the example's numbers; a transform that uses any draws the same amount whatever
 *   its options and its argument's content, so that what follows it is not moved by them
 */
export type Transform<From, To = From> = (value: From, random: RandomStream) => To | Promise<To>;

/** A transform of pictures that keeps their kind: RGB or RGBA. */
export type ImageToImage = <I extends Image>(image: I, random: RandomStream) => I | Promise<I>;
