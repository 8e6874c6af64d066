import {
  concatBatches,
  createLoader,
  groupedOrder,
  hostTensor,
  shardLoader,
  shuffledOrder,
  type DataLoader,
  type Dataset,
  type EpochOrder,
  type Example,
  type HostTensor,
  type ImageSize,
  type PipelineComponents,
  type RandomStream,
} from "seedbed";

import type { PictureCopy } from "./pictures/framing.ts";
import { distinctSizes, type PictureData } from "./pictures/pictureData.ts";
import type { PromptSource } from "./promptSource.ts";
import { takingTurns } from "./takingTurns.ts";

/** Ids of a prompt in the length that the text encoder takes. */
export function tokenIds(
  { tokenizer, textEncoder }: PipelineComponents,
  prompt: string,
): HostTensor {
  const length = textEncoder.model.config.max_position_embeddings;
  return hostTensor(tokenizer.encode(prompt, { padTo: length, maxLength: length }), [length]);
}

/** One subject's examples. */
export interface SubjectData {
  pictures: PictureData;
  /** Of each copy of the subject's pictures. */
  prompts: readonly PromptSource[];
  /** Of each picture of the class; none without a class. */
  classPrompts: readonly PromptSource[];
}

export interface DreamboothData {
  /** Of several, pictures have one size. */
  subjects: readonly SubjectData[];
  /** Subject examples in a batch; as many of the class follow them. */
  batchSize: number;
  seed: number;
}

/**
 * Batches of subject examples followed by as many class examples, all of one size. Several subjects
 * take turns, each beside its own class. An epoch visits every class picture and as many subject
 * ones (or every subject one, without a class), and fills a batch for each worker. Validation looks at
 * the subjects' unmoved and moved pictures in order, with noise of its own.
 */
export function dreamboothLoaders(data: DreamboothData): {
  trainLoader: DataLoader;
  valLoader: DataLoader;
} {
  const whole = trainingParts(data, 1);
  return {
    trainLoader: {
      ...joined(whole),
      async shard(shard) {
        const { subject, classes, ...parts } = trainingParts(data, shard.worldSize);
        return joined({
          ...parts,
          subject: await shardLoader(subject, shard),
          classes: await Promise.all(classes.map((loader) => shardLoader(loader, shard))),
        });
      },
    },
    valLoader: validationLoader(data),
  };
}

/** Loaders whose batches are joined. */
interface TrainingParts {
  subject: DataLoader;
  /** The class's pictures in each size of the subject's; empty without a class. */
  classes: readonly DataLoader[];
  /** Which of the sizes a batch has. */
  sizeAt: (epoch: number, index: number) => number;
}

/** @param worldSize workers that have shares of a batch of one size */
function trainingParts(data: DreamboothData, worldSize: number): TrainingParts {
  const { subjects, batchSize, seed } = data;
  const copies = subjects.flatMap(({ pictures }) => pictures.copies);
  const sizes = distinctSizes(copies);
  const each = Math.max(
    ...subjects.map(({ prompts }) => prompts.length),
    ...subjects.map(({ classPrompts }) => classPrompts.length),
    Math.ceil((batchSize * worldSize) / subjects.length),
  );
  const groups = groupsOf(copies);
  const batches = Math.ceil(each / (batchSize * worldSize));
  const order =
    sizes.length > 1
      ? groupedOrder(groups, { batchSize: batchSize * worldSize, seed, batches })
      : takingTurns(shuffledOrder(each, seed), subjects.length);
  const classOrder = takingTurns(shuffledOrder(each, seed + 1), subjects.length);
  const classes = subjects.every(({ pictures }) => pictures.classOf) ? sizes : [];
  return {
    subject: createLoader({
      ...{ order, batchSize, seed },
      dataset: { length: order.length, get: (index, random) => subjectAt(subjects, index, random) },
    }),
    classes: classes.map((size) =>
      createLoader({
        ...{ order: classOrder, batchSize, seed },
        dataset: { length: classOrder.length, get: classExamples(subjects, size) },
      }),
    ),
    sizeAt(epoch, index) {
      const first = order.indices(epoch)[index * batchSize * worldSize]!;
      return sizes.length === 1 ? 0 : groups[first % copies.length]!;
    },
  };
}

/** The example that an order over subjects in turn means by an index. */
async function subjectAt(
  subjects: readonly SubjectData[],
  index: number,
  random: RandomStream,
): Promise<Example> {
  const { pictures, prompts } = subjects[index % subjects.length]!;
  const copy = Math.floor(index / subjects.length) % prompts.length;
  return { ...(await pictures.train.get(copy, random)), ids: prompts[copy]!(random) };
}

function classExamples(subjects: readonly SubjectData[], size: ImageSize): Dataset["get"] {
  const datasets = subjects.map(({ pictures }) => pictures.classOf!(size));
  return async (index, random) => {
    const at = index % subjects.length;
    const { classPrompts } = subjects[at]!;
    const picture = Math.floor(index / subjects.length) % classPrompts.length;
    const ids = classPrompts[picture]!(random);
    return { ...(await datasets[at]!.get(picture, random)), ids };
  };
}

/** The size of each copy, as an index of those that there are. */
function groupsOf(copies: readonly Pick<PictureCopy, "size">[]): number[] {
  const sizes = distinctSizes(copies);
  return copies.map(({ size }) =>
    sizes.findIndex(({ width, height }) => width === size.width && height === size.height),
  );
}

/** The subject's examples first, then those of the class. */
function joined({ subject, classes, sizeAt }: TrainingParts): DataLoader {
  if (classes.length === 0) return subject;
  return {
    length: subject.length,
    async batch(epoch, index) {
      const loader = classes[sizeAt(epoch, index)]!;
      return concatBatches([
        await subject.batch(epoch, index),
        await loader.batch(epoch, index % loader.length),
      ]);
    },
  };
}

function validationLoader({ subjects, seed }: DreamboothData): DataLoader {
  const copies = subjects.flatMap(({ pictures, prompts }) =>
    pictures.copies.map(({ size }, i) => ({ size, pictures, i, prompt: prompts[i]! })),
  );
  const groups = groupsOf(copies);
  const smallest = Math.min(...[...new Set(groups)].map((group) => count(groups, group)));
  const batchSize = Math.min(16, smallest);
  return createLoader({
    order: inFullBatches(groups, batchSize),
    batchSize,
    seed,
    dataset: {
      length: copies.length,
      async get(index, random) {
        const { pictures, i, prompt } = copies[index]!;
        return { ...(await pictures.validation.get(i, random)), ids: prompt() };
      },
    },
  });
}

const count = (groups: readonly number[], group: number): number =>
  groups.filter((each) => each === group).length;

/** Group after group, without what is left over of each. */
function inFullBatches(groups: readonly number[], batchSize: number): EpochOrder {
  const visits = [...new Set(groups)].flatMap((group) => {
    const members = groups.flatMap((each, index) => (each === group ? [index] : []));
    return members.slice(0, members.length - (members.length % batchSize));
  });
  return { length: visits.length, indices: () => Int32Array.from(visits) };
}
