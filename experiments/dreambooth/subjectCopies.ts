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
import type { InstanceSettings } from "./settings/data.ts";

/** A picture of the subject, and prompts each of which says what it shows. */
export interface SubjectCopy extends PictureCopy {
  readonly prompts: readonly string[];
}

/** A picture as it was read, and what it is trained under; left out: the subject's prompts. */
export interface SubjectPicture {
  readonly image: RgbaImage;
  readonly prompts?: readonly string[] | undefined;
  /** As large as the image, bright where the subject is; left out: its transparency. */
  readonly mask?: RgbaImage | undefined;
}

export interface CopyOptions {
  /** In which size a picture is shown. */
  readonly sizeOf: (image: ImageSize) => ImageSize;
  readonly framing: Framing;
  /** Copies of each picture. */
  readonly variants: number;
  /** How far those of a cut-out subject are moved about, as a multiple of what is usual; 0: not at all. */
  readonly movement: number;
  readonly seed: number;
  readonly instance: Pick<InstanceSettings, "prompt" | "prompts" | "backgrounds">;
}

/** How far a cut-out subject is usually moved about; a photograph stays as it is. */
const usual = { smaller: 0.15, larger: 0.05, rotationDegrees: 6, shift: 0.06 } as const;

/**
 * Copies of the subject's pictures, picture by picture. Copy 0 is the picture on the framing's
 * background. Of a cut-out subject the others are moved a little, and the odd ones lie on the named
 * backgrounds in turn, with prompts that say so. A photograph is not moved. All are cropped and
 * mirrored as the framing says. Only photographs have masks of their own.
 */
export async function subjectCopies(
  subjects: readonly SubjectPicture[],
  { sizeOf, framing, variants, movement, seed, instance }: CopyOptions,
): Promise<SubjectCopy[]> {
  const backgrounds = namedBackgrounds(instance);
  const copies: SubjectCopy[] = [];
  let laid = 0;
  for (const { image, mask, prompts = instance.prompts } of subjects) {
    const size = sizeOf(image);
    const still = await cropper(image, size, framing.crop);
    const stillMask = mask && (await cropper(mask, size, framing.crop));
    const isCut = hasTransparency(image);
    const move = isCut && movement > 0 ? await mover(image, size, { ...framing, movement }) : still;
    for (let variant = 0; variant < variants; variant++) {
      const number = copies.length;
      const isNamed = variant % 2 === 1 && backgrounds.length > 0;
      const named = isNamed ? backgrounds[laid++ % backgrounds.length] : undefined;
      const moves = isCut && variant > 0;
      const background = moves ? named : undefined;
      const colour = background?.colour ?? framing.background;
      const show = moves ? move : still;
      const fresh = (): RandomStream => new RandomStream(seed, "subject variants", number);
      copies.push({
        prompts: prompts.map((prompt) => (background ? background.say(prompt) : prompt)),
        size,
        picture: async (random = fresh()) =>
          compositeOn(await mirrored(await show(random), framing, random), colour),
        mask: async (random = fresh()) => {
          const shown = await mirrored(await (stillMask ?? show)(random), framing, random);
          return channelOf(shown, stillMask ? 0 : 3);
        },
      });
    }
  }
  return copies;
}

function channelOf({ width, height, data }: RgbaImage, channel: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => data[4 * i + channel]!);
}

/** Moves a cut-out subject within the frame. */
async function mover(
  image: RgbaImage,
  size: ImageSize,
  { crop, movement }: Framing & Pick<CopyOptions, "movement">,
): Promise<(random: RandomStream) => Promise<RgbaImage>> {
  const twice = { width: size.width * 2, height: size.height * 2 };
  const cut = await cropper(image, twice, crop);
  const ranges = {
    scale: [1 - usual.smaller * movement, 1 + usual.larger * movement],
    rotationDegrees: usual.rotationDegrees * movement,
    shift: usual.shift * movement,
  } as const;
  return async (random) => {
    const source = await cut(random);
    const keepInside = visibleBounds(source);
    return transformImage(source, drawTransform(random, { ...ranges, keepInside }), size);
  };
}

interface Background {
  readonly colour: Rgb;
  /** The subject's prompt on it. */
  readonly prompt: string;
  /** Any prompt on it. */
  readonly say: (prompt: string) => string;
}

/** What the spec's `backgrounds` stand for, in its order. */
export function namedBackgrounds({
  prompt,
  backgrounds,
}: Pick<InstanceSettings, "prompt" | "backgrounds">): Background[] {
  return Object.entries(backgrounds).map(([name, colour]) => {
    const say = (text: string): string => `${text} on a ${name} background`;
    return { colour: parseColour(colour), prompt: say(prompt), say };
  });
}
