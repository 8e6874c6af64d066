import {
  compositeOn,
  drawTransform,
  hasTransparency,
  RandomStream,
  transformImage,
  visibleBounds,
  type ImageSize,
  type Rgb,
  type RgbaImage,
} from "seedbed";

import {
  cropper,
  mirrored,
  parseColour,
  type Framing,
  type PictureCopy,
} from "./pictures/framing.ts";
import type { DreamboothSettings } from "./settings.ts";

type InstanceSettings = DreamboothSettings["data"]["instance"];

/** A picture of the subject, and the prompt that says what it shows. */
export interface SubjectCopy extends PictureCopy {
  readonly prompt: string;
}

export interface CopyOptions {
  /** In which size a picture is shown. */
  readonly sizeOf: (image: ImageSize) => ImageSize;
  readonly framing: Framing;
  /** Copies of each picture. */
  readonly variants: number;
  readonly seed: number;
  readonly instance: InstanceSettings;
}

/** How far a cut-out subject is moved about; a photograph stays as it is. */
const movement = { scale: [0.85, 1.05], rotationDegrees: 6, shift: 0.06 } as const;

/**
 * Copies of the subject's pictures, picture by picture. Copy 0 is the picture on the framing's
 * background. Of a cut-out subject the others are moved a little, and the odd ones lie on the named
 * backgrounds in turn, with prompts that say so. A photograph is not moved. All are cropped and
 * mirrored as the framing says.
 */
export async function subjectCopies(
  subjects: readonly { image: RgbaImage }[],
  { sizeOf, framing, variants, seed, instance }: CopyOptions,
): Promise<SubjectCopy[]> {
  const backgrounds = namedBackgrounds(instance);
  const plain = { colour: framing.background, prompt: instance.prompt };
  const copies: SubjectCopy[] = [];
  let laid = 0;
  for (const { image } of subjects) {
    const size = sizeOf(image);
    const still = await cropper(image, size, framing.crop);
    const move = hasTransparency(image) ? await mover(image, size, framing) : undefined;
    for (let variant = 0; variant < variants; variant++) {
      const number = copies.length;
      const isNamed = variant % 2 === 1 && backgrounds.length > 0;
      const named = isNamed ? backgrounds[laid++ % backgrounds.length]! : plain;
      const moves = move !== undefined && variant > 0;
      const { colour, prompt } = moves ? named : plain;
      const show = moves ? move : still;
      copies.push({
        prompt,
        size,
        picture: async (random = new RandomStream(seed, "subject variants", number)) =>
          compositeOn(await mirrored(await show(random), framing, random), colour),
      });
    }
  }
  return copies;
}

/** Moves a cut-out subject within the frame. */
async function mover(
  image: RgbaImage,
  size: ImageSize,
  { crop }: Framing,
): Promise<(random: RandomStream) => Promise<RgbaImage>> {
  const twice = { width: size.width * 2, height: size.height * 2 };
  const cut = await cropper(image, twice, crop);
  return async (random) => {
    const source = await cut(random);
    const keepInside = visibleBounds(source);
    return transformImage(source, drawTransform(random, { ...movement, keepInside }), size);
  };
}

interface Background {
  readonly colour: Rgb;
  readonly prompt: string;
}

/** What the spec's `backgrounds` stand for, in its order. */
export function namedBackgrounds({ prompt, backgrounds }: InstanceSettings): Background[] {
  return Object.entries(backgrounds).map(([name, colour]) => ({
    colour: parseColour(colour),
    prompt: `${prompt} on a ${name} background`,
  }));
}
