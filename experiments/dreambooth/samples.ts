import {
  encodePng,
  imageGrid,
  tensorToImages,
  writeFileAtomic,
  type ExperimentContext,
  type RgbaImage,
  type RgbImage,
  type TextToImage,
} from "seedbed";

import { backgroundSamples, type DrawRequest } from "./backgroundSamples.ts";
import type { ColouredSample } from "./evaluator/evaluator.ts";
import { parseColour, plainPicture } from "./pictures/framing.ts";
import type { DreamboothSettings } from "./settings.ts";
import { subjectName } from "./subjects.ts";

/** Pictures of one moment: the same prompts and seeds before and after training. */
export interface SampleSet {
  class: RgbImage[];
  subject: RgbImage[];
  /** For each further prompt, as many as the grid shows. */
  others: { prompt: string; images: RgbImage[] }[];
  /** Of the tuned model: the subject on each named background. */
  coloured: ColouredSample[];
}

/** Columns of the grid. */
const shown = 8;

/** Samples the class, the subject and the further prompts with the model as it is now. */
export async function sampleSet(
  generator: TextToImage,
  { data, sampling, validation }: DreamboothSettings,
  { print, signal }: ExperimentContext,
  moment: "before" | "after",
): Promise<SampleSet> {
  const { samples, seed, steps, guidanceScale, eta, batchSize } = sampling;
  const generate = async (request: DrawRequest): Promise<RgbImage[]> => {
    const asked = { ...request, steps, guidanceScale, eta, batchSize, signal };
    return tensorToImages(await generator.generate(asked));
  };
  const draw = (prompt: string, count: number): Promise<RgbImage[]> => {
    print(`samples ${moment}: ${prompt}`);
    const seeds = Array.from({ length: count }, (_, i) => seed + i);
    return generate({ prompts: seeds.map(() => prompt), seeds });
  };
  const set: SampleSet = {
    class: await draw(data.class.prompt, samples),
    subject: await draw(data.instance.prompt, samples),
    others: [],
    coloured: [],
  };
  for (const prompt of sampling.prompts) {
    set.others.push({ prompt, images: await draw(prompt, Math.min(shown, samples)) });
  }
  const count = moment === "after" ? validation.recontextualisations : 0;
  if (count > 0) {
    const onBackgrounds = { count, seed };
    print(`samples ${moment}: ${data.instance.prompt} on named backgrounds`);
    set.coloured = await backgroundSamples(data.instance, onBackgrounds, generate);
  }
  return set;
}

/** A subject's pictures, and what was drawn of it and its class before training and after. */
export interface BeforeAfter {
  before: SampleSet;
  after: SampleSet;
  subjects: readonly { image: RgbaImage }[];
  settings: DreamboothSettings;
}

/**
 * Writes `before-after.png` with rows for each subject, logs it, and keeps every sample as a file
 * of its own, of several subjects in a folder for each.
 */
export async function saveBeforeAfter(
  drawn: readonly BeforeAfter[],
  { run }: Pick<ExperimentContext, "run">,
  step: number,
): Promise<void> {
  const rows: GridRow[] = [];
  for (const each of drawn) rows.push(...(await rowsOf(each)));
  const { class: first } = drawn[0]!.before;
  const blank: RgbImage = { ...first[0]!, data: new Uint8Array(first[0]!.data.length).fill(255) };
  const columns = Math.min(shown, first.length);
  const grid = imageGrid(
    rows.map(({ images }) => Array.from({ length: columns }, (_, i) => images[i] ?? blank)),
    { rowLabels: rows.map(({ label }) => label), upscale: 2 },
  );
  const png = await encodePng(grid);
  writeFileAtomic(run.path("before-after.png"), png);
  const { width, height } = grid;
  const point = { step, epoch: 0, wallTimeSeconds: Date.now() / 1000 };
  await run.logImages("before-after", [{ png, width, height }], point);
  for (const each of drawn) await saveSamples(each, run);
}

interface GridRow {
  readonly label: string;
  readonly images: readonly RgbImage[];
}

async function rowsOf({
  before,
  after,
  subjects,
  settings: { data },
}: BeforeAfter): Promise<GridRow[]> {
  const size = before.class[0]!.width;
  const background = parseColour(data.background);
  const pictures = await Promise.all(
    subjects.slice(0, shown).map(({ image }) => plainPicture(image, size, background)),
  );
  return [
    { label: "subject's pictures", images: pictures },
    { label: `before: ${data.class.prompt}`, images: before.class },
    { label: `after: ${data.class.prompt}`, images: after.class },
    { label: `before: ${data.instance.prompt}`, images: before.subject },
    { label: `after: ${data.instance.prompt}`, images: after.subject },
    ...after.others.map(({ prompt, images }) => ({ label: `after: ${prompt}`, images })),
  ];
}

async function saveSamples(
  { before, after, settings: { data } }: BeforeAfter,
  run: ExperimentContext["run"],
): Promise<void> {
  const name = subjectName(data);
  for (const [moment, set] of Object.entries({ before, after })) {
    const folder = ["samples", moment, ...(name === undefined ? [] : [name])];
    for (const kind of ["class", "subject"] as const) {
      for (const [i, image] of set[kind].entries()) {
        writeFileAtomic(run.path(...folder, `${kind}-${i}.png`), await encodePng(image));
      }
    }
    for (const [i, { image }] of set.coloured.entries()) {
      writeFileAtomic(run.path(...folder, `background-${i}.png`), await encodePng(image));
    }
  }
}
