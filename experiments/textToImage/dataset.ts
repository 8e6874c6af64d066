import {
  balancedWeights,
  compositeOn,
  drawTransform,
  identityTransform,
  type ImageTransform,
  RandomStream,
  type RgbImage,
  transformImage,
  weightedOrder,
  type EpochOrder,
} from "seedbed";

import { drawCaption, fullCaption, type PictureAttributes } from "./captions.ts";
import { accentColours, type ColourName, colours } from "./colours.ts";
import type { Drawing, EmojiData } from "./emoji/emojiData.ts";

export { loadEmojiData } from "./emoji/emojiData.ts";
export type { Drawing, EmojiData, EmojiDataOptions } from "./emoji/emojiData.ts";

/** A drawing made into a picture: moved, and laid on a background. */
export interface RenderedPicture {
  readonly rgb: RgbImage;
  readonly attributes: PictureAttributes;
}

export interface RenderOptions {
  data: EmojiData;
  /** Side of the pictures; the data were loaded for this or more. */
  size: number;
  seed: number;
  /** How far variants are moved. Default: `wide`. */
  augmentation?: Augmentation;
}

/**
 * `wide` moves every variant as far as its caption's words still hold, and mirrors it where that
 * may be: the most pictures out of few. `gentle` does so with two of eight variants and hardly
 * moves the others: where a thing is drawn then follows from the caption.
 */
export type Augmentation = "gentle" | "wide";

const moves = {
  wide: { scale: [0.75, 1.1], rotationDegrees: 12, shift: 0.1 },
  gentle: { scale: [0.95, 1.05], rotationDegrees: 3, shift: 0.02 },
} as const;
const smallScale = 0.82;
const tiltDegrees = 7;

/**
 * Picture number `variant` of a drawing: a pure function of the seed, the drawing and the variant,
 * so that what is computed from it (latents) can be kept. Any number of variants exists.
 *
 * Variant 0 is the drawing as it is on white. Of the others, even ones are on white and odd ones
 * on one of ten colours, each drawing with its own sequence, without repeating a colour among ten.
 */
export function renderVariant(
  { data, size, seed, augmentation = "wide" }: RenderOptions,
  drawing: number,
  variant: number,
): RenderedPicture {
  const { codepoint, style, mayFlip, bounds } = drawingAt(data, drawing);
  if (variant === 0) return render(data, size, drawing, identityTransform, "white");
  const stream = `variant/${codepoint}/${style}`;
  const wide = augmentation === "wide" || variant % 8 >= 6;
  const transform = drawTransform(new RandomStream(seed, stream, variant), {
    ...moves[wide ? "wide" : "gentle"],
    flip: wide && mayFlip,
    keepInside: bounds,
  });
  return render(data, size, drawing, transform, backgroundOf(seed, stream, variant));
}

/**
 * The one picture of a drawing that validation sees: as it is, on white for about half of the
 * drawings, on a colour for the rest.
 */
export function renderValidation(
  { data, size, seed }: RenderOptions,
  drawing: number,
): RenderedPicture {
  const { codepoint, style } = drawingAt(data, drawing);
  const random = new RandomStream(seed, `validation/${codepoint}/${style}`);
  const white = random.uniform() < 0.5;
  const colour = accentColours[random.integer(accentColours.length)]!;
  return render(data, size, drawing, identityTransform, white ? "white" : colour);
}

function drawingAt(data: EmojiData, drawing: number): Drawing {
  const found = data.drawings[drawing];
  if (found) return found;
  throw new RangeError(
    `Cannot render a drawing: expected an index below ${data.drawings.length}, got ${drawing}`,
  );
}

function backgroundOf(seed: number, stream: string, variant: number): ColourName {
  if (variant % 2 === 0) return "white";
  const turn = (variant - 1) / 2;
  const round = Math.floor(turn / accentColours.length);
  const order = new RandomStream(seed, `${stream}/colours`, round).permutation(
    accentColours.length,
  );
  return accentColours[order[turn % accentColours.length]!]!;
}

function render(
  data: EmojiData,
  size: number,
  drawing: number,
  transform: ImageTransform,
  background: ColourName,
): RenderedPicture {
  const picture = transformImage(data.picture(drawing), transform, size);
  return {
    rgb: compositeOn(picture, colours[background]),
    attributes: {
      background,
      small: transform.scale < smallScale,
      tilted: Math.abs(transform.rotationDegrees) > tiltDegrees,
      flipped: transform.flip,
    },
  };
}

/** One entry of the training set: a drawing in one of its variants. */
export interface VariantAddress {
  readonly drawing: number;
  readonly variant: number;
}

/** Every training drawing in its first `variantsPerDrawing` variants, drawing by drawing. */
export function trainingVariants(
  { train }: Pick<EmojiData, "train">,
  variantsPerDrawing: number,
): VariantAddress[] {
  return train.flatMap((drawing) =>
    Array.from({ length: variantsPerDrawing }, (_, variant) => ({ drawing, variant })),
  );
}

/**
 * An order over positions in `addresses` that visits every concept equally often, though some have
 * seven drawings and others two.
 */
export function conceptBalancedOrder(
  { drawings }: Pick<EmojiData, "drawings">,
  addresses: readonly Pick<VariantAddress, "drawing">[],
  seed: number,
): EpochOrder {
  const concepts = addresses.map(({ drawing }) => drawings[drawing]!.codepoint);
  return weightedOrder(balancedWeights(concepts), seed);
}

/** A caption for a rendered variant, another at every draw. */
export function captionFor(
  data: Pick<EmojiData, "drawings">,
  drawing: number,
  attributes: PictureAttributes,
  random: RandomStream,
): string {
  return drawCaption(data.drawings[drawing]!, attributes, random);
}

/** The one caption of a validation picture. */
export function validationCaption(
  data: Pick<EmojiData, "drawings">,
  drawing: number,
  attributes: PictureAttributes,
): string {
  return fullCaption(data.drawings[drawing]!, attributes);
}
