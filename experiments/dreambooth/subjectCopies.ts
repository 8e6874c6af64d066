import {
  compositeOn,
  cropSquare,
  drawTransform,
  hasTransparency,
  RandomStream,
  resizeImage,
  transformImage,
  visibleBounds,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "seedbed";

import type { DreamboothSettings } from "./settings.ts";

type InstanceSettings = DreamboothSettings["data"]["instance"];

/** A picture of the subject, and the prompt that says what it shows. */
export interface SubjectCopy {
  readonly picture: RgbImage;
  readonly prompt: string;
}

export interface CopyOptions {
  /** Side of the copies. */
  readonly size: number;
  /** Copies of each picture. */
  readonly variants: number;
  readonly seed: number;
  readonly instance: InstanceSettings;
}

const white: Rgb = [255, 255, 255];
/** How far a cut-out subject is moved about; a photograph stays as it is. */
const movement = { scale: [0.85, 1.05], rotationDegrees: 6, shift: 0.06 } as const;

/** A picture as the model sees it: square, `size` pixels, on white where it is transparent. */
export async function plainPicture(image: RgbaImage, size: number): Promise<RgbImage> {
  return compositeOn(await resizeImage(cropSquare(image), size, size), white);
}

/**
 * Copies of the subject's pictures, picture by picture. Copy 0 is the picture on white. Of a
 * cut-out subject the others are moved a little, and the odd ones lie on the named backgrounds in
 * turn, with prompts that say so. A photograph stays as it is.
 */
export async function subjectCopies(
  subjects: readonly { image: RgbaImage }[],
  { size, variants, seed, instance }: CopyOptions,
): Promise<SubjectCopy[]> {
  const backgrounds = namedBackgrounds(instance);
  const onWhite = { colour: white, prompt: instance.prompt };
  const copies: SubjectCopy[] = [];
  let laid = 0;
  for (const { image } of subjects) {
    const plain = { picture: await plainPicture(image, size), prompt: instance.prompt };
    const move = hasTransparency(cropSquare(image)) ? await mover(image, size) : undefined;
    for (let variant = 0; variant < variants; variant++) {
      const random = new RandomStream(seed, "subject variants", copies.length);
      const isNamed = variant % 2 === 1 && backgrounds.length > 0;
      const { colour, prompt } = isNamed ? backgrounds[laid++ % backgrounds.length]! : onWhite;
      const moves = move !== undefined && variant > 0;
      copies.push(moves ? { picture: compositeOn(move(random), colour), prompt } : plain);
    }
  }
  return copies;
}

/** Moves a cut-out subject within the frame. */
async function mover(image: RgbaImage, size: number): Promise<(random: RandomStream) => RgbaImage> {
  const source = await resizeImage(cropSquare(image), size * 2, size * 2);
  const keepInside = visibleBounds(source);
  return (random) =>
    transformImage(source, drawTransform(random, { ...movement, keepInside }), size);
}

interface Background {
  readonly colour: Rgb;
  readonly prompt: string;
}

/** What the spec's `backgrounds` stand for, in its order. */
export function namedBackgrounds({ prompt, backgrounds }: InstanceSettings): Background[] {
  return Object.entries(backgrounds).map(([name, colour]) => {
    const part = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
    const rgb: Rgb = [part(1), part(3), part(5)];
    return { colour: rgb, prompt: `${prompt} on a ${name} background` };
  });
}
