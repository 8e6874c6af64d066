import {
  concatBatches,
  createLoader,
  groupedOrder,
  hostTensor,
  shardLoader,
  shuffledOrder,
  type DataLoader,
  type EpochOrder,
  type HostTensor,
  type PipelineComponents,
} from "seedbed";

import { distinctSizes, type PictureData } from "./pictures/pictureData.ts";

/** Ids of a prompt in the length that the text encoder takes. */
export function tokenIds(
  { tokenizer, textEncoder }: PipelineComponents,
  prompt: string,
): HostTensor {
  const length = textEncoder.model.config.max_position_embeddings;
  return hostTensor(tokenizer.encode(prompt, { padTo: length, maxLength: length }), [length]);
}

export interface DreamboothData {
  pictures: PictureData;
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
 * Batches of subject examples followed by as many class examples, all of one size. An epoch visits
 * every class picture and as many subject ones (or every subject one, without a class). Validation
 * looks at the subject's unmoved and moved pictures in order, with noise of its own.
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
  const { pictures, batchSize, seed } = data;
  const { copies, train, classOf } = pictures;
  const sizes = distinctSizes(copies);
  const classes = classOf ? sizes.map(classOf) : [];
  const length = Math.max(copies.length, classes[0]?.length ?? 0, batchSize);
  const groups = groupsOf(pictures);
  const batches = Math.ceil(length / (batchSize * worldSize));
  const order =
    sizes.length > 1
      ? groupedOrder(groups, { batchSize: batchSize * worldSize, seed, batches })
      : shuffledOrder(length, seed);
  const subject = createLoader({
    order,
    batchSize,
    seed,
    dataset: {
      length: order.length,
      async get(index, random) {
        const copy = index % copies.length;
        return { ...(await train.get(copy, random)), ids: data.subjectIds[copy]! };
      },
    },
  });
  return {
    subject,
    classes: classes.map((dataset) =>
      createLoader({
        order: shuffledOrder(length, seed + 1),
        batchSize,
        seed,
        dataset: {
          length,
          async get(index, random) {
            const ids = random.uniform() < data.captionDropout ? data.emptyIds : data.classIds;
            return { ...(await dataset.get(index % dataset.length, random)), ids };
          },
        },
      }),
    ),
    sizeAt(epoch, index) {
      const first = order.indices(epoch)[index * batchSize * worldSize]!;
      return groups[first % copies.length]!;
    },
  };
}

/** The size of each copy, as an index of those that there are. */
function groupsOf({ copies }: PictureData): number[] {
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

function validationLoader({ pictures, subjectIds, seed }: DreamboothData): DataLoader {
  const { validation } = pictures;
  const groups = groupsOf(pictures);
  const smallest = Math.min(...[...new Set(groups)].map((group) => count(groups, group)));
  const batchSize = Math.min(16, smallest);
  return createLoader({
    order: inFullBatches(groups, batchSize),
    batchSize,
    seed,
    dataset: {
      length: validation.length,
      get: async (index, random) => ({
        ...(await validation.get(index, random)),
        ids: subjectIds[index]!,
      }),
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
