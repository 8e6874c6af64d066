import path from "node:path";

import {
  hostTensor,
  imagesToTensor,
  RandomStream,
  readImage,
  compositeOn,
  type Compile,
  type Dataset,
  type Example,
  type ImageSize,
  type PipelineComponents,
} from "seedbed";

import type { DataSettings } from "../settings/data.ts";
import { subjectCopies, type SubjectCopy, type SubjectPicture } from "../subjectCopies.ts";
import { sizeChooser } from "./buckets.ts";
import { encodePictures } from "./encodePictures.ts";
import { cropper, framingOf, mirrored, type Framing, type PictureCopy } from "./framing.ts";
import { withMask, type Masking } from "./masks.ts";

const latentsFolder = path.join(".cache", "seedbed", "latents");

export interface PictureDataOptions {
  components: PipelineComponents;
  compile: Compile;
  data: DataSettings;
  subjects: readonly SubjectPicture[];
  /** The class's pictures; none trains on the subject alone. */
  classFiles: readonly string[];
  seed: number;
  /** Undefined: examples have no masks. */
  masking?: Masking | undefined;
  signal?: AbortSignal;
}

/** What batches are made of: examples have `latents`, perhaps a `deviation`, or `images`, and perhaps a `mask`. */
export interface PictureData {
  /** Copies of the subject's pictures, in the order of the datasets. */
  copies: readonly SubjectCopy[];
  train: Dataset;
  /** The same copies, alike at every visit. */
  validation: Dataset;
  /** The class's pictures in each size that copies have; undefined without a class. */
  classOf: ((size: ImageSize) => Dataset) | undefined;
}

/**
 * The pictures as examples. Where copies have several sizes, the class's pictures are shown in all
 * of them, so that those of any batch can be put beside the subject's.
 */
export async function pictureData(options: PictureDataOptions): Promise<PictureData> {
  const { components, data, subjects, classFiles, seed, masking } = options;
  const framing = framingOf(data);
  const copies = await subjectCopies(subjects, {
    sizeOf: sizeChooser(components, data.buckets),
    framing,
    variants: data.variants,
    movement: data.movement,
    seed,
    instance: data.instance,
  });
  const isFresh = data.cache.latents === "none";
  const prepare = async (pictures: readonly PictureCopy[]): Promise<Dataset> =>
    isFresh ? freshPictures(pictures, masking) : arrayDataset(await encoded(options, pictures));
  const train = await prepare(copies);
  const classes = new Map<string, Dataset>();
  for (const size of classFiles.length > 0 ? distinctSizes(copies) : []) {
    const pictures = classCopies(classFiles, { size, framing, seed, keep: isFresh });
    classes.set(keyOf(size), await prepare(pictures));
  }
  return {
    copies,
    train,
    validation: isFresh ? samePictures(copies, masking) : train,
    classOf: classes.size === 0 ? undefined : (size) => classes.get(keyOf(size))!,
  };
}

const keyOf = ({ width, height }: ImageSize): string => `${width}x${height}`;

/** In the order in which they occur. */
export function distinctSizes(copies: readonly Pick<PictureCopy, "size">[]): ImageSize[] {
  return [...new Map(copies.map(({ size }) => [keyOf(size), size])).values()];
}

async function encoded(
  { components, compile, data: { cache }, masking, signal }: PictureDataOptions,
  copies: readonly PictureCopy[],
): Promise<Example[]> {
  const examples = await encodePictures({
    autoencoder: components.vae.model,
    compile,
    copies,
    posterior: cache.posterior,
    ...(cache.latents === "disk" && { cacheFolder: latentsFolder }),
    ...(signal && { signal }),
  });
  if (!masking) return examples;
  return Promise.all(examples.map((example, i) => withMask(example, copies[i]!, masking)));
}

function arrayDataset(examples: readonly Example[]): Dataset {
  return { length: examples.length, get: (index) => examples[index]! };
}

/** Cropped, mirrored and moved by another chance at every visit. */
function freshPictures(copies: readonly PictureCopy[], masking: Masking | undefined): Dataset {
  return {
    length: copies.length,
    async get(index, random) {
      const copy = copies[index]!;
      if (!masking) return imageExample(copy, random);
      const key = random.uint32(); // picture and mask are moved by the same numbers
      const same = (): RandomStream => new RandomStream(key, "masked picture");
      return withMask(await imageExample(copy, same()), copy, masking, same());
    },
  };
}

function samePictures(copies: readonly PictureCopy[], masking: Masking | undefined): Dataset {
  return {
    length: copies.length,
    async get(index) {
      const example = await imageExample(copies[index]!);
      return masking ? withMask(example, copies[index]!, masking) : example;
    },
  };
}

/** `images [3, height, width]` in [-1, 1]. */
async function imageExample(copy: PictureCopy, random?: RandomStream): Promise<Example> {
  const { values, shape } = imagesToTensor([await copy.picture(random)]);
  return { images: hostTensor(values, shape.slice(1)) };
}

interface ClassCopiesOptions {
  size: ImageSize;
  framing: Framing;
  seed: number;
  /** Keep what was read, for many visits. */
  keep: boolean;
}

/** The class's pictures in a frame, cropped and mirrored as the subject's. */
export function classCopies(
  files: readonly string[],
  { size, framing, seed, keep }: ClassCopiesOptions,
): PictureCopy[] {
  return files.map((file, index) => {
    const open = async () => cropper(await readImage(file), size, framing.crop);
    let kept: ReturnType<typeof open> | undefined;
    return {
      size,
      async picture(random = new RandomStream(seed, "class pictures", index)) {
        if (keep) kept ??= open();
        const show = await (kept ?? open());
        const shown = await mirrored(await show(random), framing, random);
        return compositeOn(shown, framing.background);
      },
    };
  });
}
