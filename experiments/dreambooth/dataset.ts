import {
  concatBatches,
  createLoader,
  hostTensor,
  readImage,
  shardLoader,
  shuffledOrder,
  splitBatch,
  type Compile,
  type DataLoader,
  type HostTensor,
  type PipelineComponents,
  type RgbImage,
} from "seedbed";

import { encodeLatents } from "../textToImage/encodeLatents.ts";
import { plainPicture, type SubjectCopy } from "./subjectCopies.ts";

/** Side of the pictures that the model makes. */
export function pictureSide({ unet, vae }: PipelineComponents): number {
  const { sample_size: latentSide } = unet.config;
  return (typeof latentSide === "number" ? latentSide : 64) * vae.model.factor;
}

/** Latents of the subject's copies, one by one. */
export function subjectLatents(
  components: PipelineComponents,
  copies: readonly SubjectCopy[],
  compile: Compile,
): Promise<HostTensor> {
  const pictures = copies.map(({ picture }) => picture);
  return latentsOf(components, pictures, compile);
}

/** Latents of the class's pictures. */
export async function classLatents(
  components: PipelineComponents,
  files: readonly string[],
  compile: Compile,
): Promise<HostTensor> {
  const size = pictureSide(components);
  const pictures: RgbImage[] = [];
  for (const file of files) pictures.push(await plainPicture(await readImage(file), size));
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
  /** Of each subject picture's prompt, `[tokens]`. */
  subjectIds: readonly HostTensor[];
  /** `[tokens]` */
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
  const { batchSize, seed } = data;
  const subjects = splitBatch({ latents: data.subject }).map(({ latents }, i) => ({
    latents: latents!,
    ids: data.subjectIds[i]!,
  }));
  const classes = data.class ? splitBatch({ latents: data.class }) : [];
  const length = Math.max(subjects.length, classes.length, batchSize);
  const shuffled = shuffledOrder(length, seed);
  const subjectLoader = createLoader({
    order: shuffled,
    batchSize,
    seed,
    dataset: {
      length,
      get: (index) => subjects[index % subjects.length]!,
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
        return { latents: classes[index % classes.length]!["latents"]!, ids };
      },
    },
  });
  return {
    trainLoader: classes.length === 0 ? subjectLoader : paired(subjectLoader, classLoader),
    valLoader: createLoader({
      dataset: {
        length: subjects.length,
        get: (index) => subjects[index]!,
      },
      batchSize: Math.min(16, subjects.length),
      seed,
    }),
  };
}

/** Joins two loaders' batches, the first one's examples first. */
function paired(first: DataLoader, second: DataLoader): DataLoader {
  return {
    length: first.length,
    shard: async (shard) =>
      paired(await shardLoader(first, shard), await shardLoader(second, shard)),
    batch: async (epoch, index) =>
      concatBatches([await first.batch(epoch, index), await second.batch(epoch, index)]),
  };
}
