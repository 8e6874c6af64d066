import { InputError, type ExperimentSpec, type LossType } from "seedbed";

import type { IncompatiblePair } from "./incompatiblePair.ts";
import { settingsOf } from "./settings.ts";
import { trainsPairs } from "./trains/trainsPairs.ts";
import { validationPairs } from "./validation/validationPairs.ts";

/** Every pair that is refused or warned of, in the order in which they are told. */
export const incompatiblePairs: readonly IncompatiblePair[] = [
  ...trainsPairs,
  {
    keys: ["loss.priorWeight", "data.class.folder"],
    when: ({ loss, data }) => loss.priorWeight === 0 && data.class.folder !== null,
    problem: "a weight of 0 trains without class pictures, so the folder is not used",
    isHarmless: true,
  },
  {
    keys: ["loss.priorWeight", "data.class.captionDropout"],
    when: ({ loss, data }) => loss.priorWeight === 0 && data.class.captionDropout > 0,
    problem: "a weight of 0 trains without class pictures, so none of them loses its prompt",
    isHarmless: true,
  },
  {
    keys: ["loss.pairing", "loss.priorWeight"],
    when: ({ loss }) => loss.pairing === "twoPass" && loss.priorWeight === 0,
    problem: "a weight of 0 trains without class pictures, so there is one pass",
    isHarmless: true,
  },
  {
    keys: ["loss.pairing", "trainer.precision"],
    when: ({ loss }, { trainer }) => loss.pairing === "twoPass" && trainer.precision === "16-mixed",
    problem:
      "two passes have their gradients before the loss is scaled; use concat, bf16-mixed or 32-true",
  },
  {
    keys: ["data.subjects", "data.buckets"],
    when: ({ data }) => data.subjects.length > 1 && data.buckets,
    problem: "subjects take turns in a batch, which has pictures of one size",
  },
  {
    keys: ["data.instance.captions", "data.instance.shuffleCaptions"],
    when: ({ data }) =>
      data.subjects.some(
        ({ instance: { captions, shuffleCaptions, prompts } }) =>
          shuffleCaptions && captions === null && prompts.every((prompt) => !prompt.includes(",")),
      ),
    problem: "prompts without commas have no parts to be shuffled",
    isHarmless: true,
  },
  {
    keys: ["loss.masked", "data.instance.masks"],
    when: ({ loss, data }) =>
      !loss.masked && data.subjects.some(({ instance }) => instance.masks !== null),
    problem: "a loss that is not masked does not use the masks; set loss.masked to true",
    isHarmless: true,
  },
  {
    keys: ["loss.masked", "loss.unmaskedWeight"],
    when: ({ loss }) => !loss.masked && loss.unmaskedWeight > 0,
    problem: "a loss that is not masked leaves nothing out",
    isHarmless: true,
  },
  {
    keys: ["loss.type", "loss.huberSchedule"],
    when: ({ loss }) => !isHuber(loss.type) && loss.huberSchedule !== "constant",
    problem: "a loss without a delta has no schedule for it",
    isHarmless: true,
  },
  {
    keys: ["data.cache.textEmbeddings", "model.trains.textEncoder"],
    when: ({ model, data }) =>
      data.cache.textEmbeddings !== "none" && model.trains.textEncoder !== false,
    problem:
      "what a text encoder that learns makes of a prompt changes with every step; set data.cache.textEmbeddings to none, or model.trains.textEncoder to false",
  },
  ...validationPairs,
];

const isHuber = (type: LossType): boolean => type !== "mse" && type !== "l1";

/**
 * Looks for pairs of options that do not go together. Warns of those where one is without effect.
 *
 * @throws {InputError} naming both keys of every other pair
 */
export function checkPairs(spec: ExperimentSpec, warn: (line: string) => void): void {
  const settings = settingsOf(spec);
  const found = incompatiblePairs.filter(({ when }) => when(settings, spec));
  for (const pair of found.filter(({ isHarmless }) => isHarmless)) warn(describe(pair));
  const refused = found.filter(({ isHarmless }) => !isHarmless);
  if (refused.length > 0) throw new InputError(refused.map(describe).join("\n"));
}

function describe({ keys: [first, second], problem, isHarmless }: IncompatiblePair): string {
  const verb = isHarmless ? "No need of" : "Cannot use";
  return `${verb} ${first} together with ${second}: ${problem}`;
}
