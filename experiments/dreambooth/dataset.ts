import {
  compositeOn,
  concatBatches,
  createLoader,
  cropSquare,
  drawTransform,
  hasTransparency,
  hostTensor,
  RandomStream,
  readImage,
  resizeImage,
  shuffledOrder,
  transformImage,
  visibleBounds,
  type Compile,
  type DataLoader,
  type HostTensor,
  type PipelineComponents,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "seedbed";

import { encodeLatents } from "../textToImage/encodeLatents.ts";

const white: Rgb = [255, 255, 255];
/** How far a cut-out subject is moved about; a photograph stays as it is. */
const movement = { scale: [0.85, 1.05], rotationDegrees: 6, shift: 0.06 } as const;

/** Side of the pictures that the model makes. */
export function pictureSide({ unet, vae }: PipelineComponents): number {
  const { sample_size: latentSide } = unet.config;
  return (typeof latentSide === "number" ? latentSide : 64) * vae.model.factor;
}

/**
 * A picture as the model sees it: square, `size` pixels, on white where it is transparent.
 *
 * @param variant 0 is the picture itself; others move a cut-out subject a little
 */
export async function subjectPicture(
  image: RgbaImage,
  size: number,
  variant: number,
  random: RandomStream,
): Promise<RgbImage> {
  const square = cropSquare(image);
  if (variant === 0 || !hasTransparency(square)) {
    return compositeOn(await resizeImage(square, size, size), white);
  }
  const source = await resizeImage(square, size * 2, size * 2);
  const keepInside = visibleBounds(source);
  const transform = drawTransform(random, { ...movement, keepInside });
  return compositeOn(transformImage(source, transform, size), white);
}

/** Latents of the subject's pictures and of their moved copies, picture by picture. */
export async function subjectLatents(
  components: PipelineComponents,
  variants: number,
  subjects: readonly { image: RgbaImage }[],
  seed: number,
  compile: Compile,
): Promise<HostTensor> {
  const size = pictureSide(components);
  const pictures: RgbImage[] = [];
  for (const [i, { image }] of subjects.entries()) {
    for (let variant = 0; variant < variants; variant++) {
      const random = new RandomStream(seed, "subject variants", i * variants + variant);
      pictures.push(await subjectPicture(image, size, variant, random));
    }
  }
  return latentsOf(components, pictures, compile);
}

/** Latents of the class's pictures. */
export async function classLatents(
  components: PipelineComponents,
  files: readonly string[],
  compile: Compile,
): Promise<HostTensor> {
  const size = pictureSide(components);
  const random = new RandomStream(0, "unused");
  const pictures: RgbImage[] = [];
  for (const file of files)
    pictures.push(await subjectPicture(await readImage(file), size, 0, random));
  return latentsOf(components, pictures, compile);
}

function latentsOf(
  { vae }: PipelineComponents,
  pictures: readonly RgbImage[],
  compile: Compile,
): Promise<HostTensor> {
  return encodeLatents({
    autoencoder: vae.model,
    compile,
    count: pictures.length,
    image: (index) => pictures[index]!,
  });
}

/** Ids of a prompt in the length that the text encoder takes. */
export function tokenIds(
  { tokenizer, textEncoder }: PipelineComponents,
  prompt: string,
): HostTensor {
  const length = textEncoder.model.config.max_position_embeddings;
  return hostTensor(tokenizer.encode(prompt, { padTo: length, maxLength: length }), [length]);
}

export interface DreamboothData {
  /** `[count, channels, height, width]`, scaled for the UNet. */
  subject: HostTensor;
  class: HostTensor | undefined;
  /** `[tokens]` */
  subjectIds: HostTensor;
  classIds: HostTensor;
  /** Of the empty prompt, which takes the place of the class's in `captionDropout` of all cases. */
  emptyIds: HostTensor;
  captionDropout: number;
  /** Subject examples in a batch; as many of the class follow them. */
  batchSize: number;
  seed: number;
}

/**
 * Batches of subject examples followed by as many class examples. An epoch visits every class
 * picture and as many subject ones (or every subject one, without a class). Validation looks at
 * the subject's unmoved and moved pictures in order, with noise of its own.
 */
export function dreamboothLoaders(data: DreamboothData): {
  trainLoader: DataLoader;
  valLoader: DataLoader;
} {
  const subjects = data.subject.shape[0]!;
  const classes = data.class?.shape[0] ?? 0;
  const { batchSize, seed } = data;
  const length = Math.max(subjects, classes, batchSize);
  const shuffled = shuffledOrder(length, seed);
  const subjectLoader = createLoader({
    order: shuffled,
    batchSize,
    seed,
    dataset: {
      length,
      get: (index) => example(data.subject, index % subjects, data.subjectIds),
    },
  });
  const classLoader = createLoader({
    order: shuffledOrder(length, seed + 1),
    batchSize,
    seed,
    dataset: {
      length,
      get(index, random) {
        const ids = random.uniform() < data.captionDropout ? data.emptyIds : data.classIds;
        return example(data.class!, index % classes, ids);
      },
    },
  });
  return {
    trainLoader: classes === 0 ? subjectLoader : paired(subjectLoader, classLoader),
    valLoader: createLoader({
      dataset: {
        length: subjects,
        get: (index) => example(data.subject, index, data.subjectIds),
      },
      batchSize: Math.min(16, subjects),
      seed,
    }),
  };
}

/** Joins two loaders' batches, the first one's examples first. */
function paired(first: DataLoader, second: DataLoader): DataLoader {
  return {
    length: first.length,
    batch: async (epoch, index) =>
      concatBatches([await first.batch(epoch, index), await second.batch(epoch, index)]),
  };
}

function example(
  latents: HostTensor,
  index: number,
  ids: HostTensor,
): { latents: HostTensor; ids: HostTensor } {
  const shape = latents.shape.slice(1);
  const size = shape.reduce((product, side) => product * side, 1);
  const values = latents.values.subarray(index * size, (index + 1) * size);
  return { latents: hostTensor(values, shape), ids };
}
