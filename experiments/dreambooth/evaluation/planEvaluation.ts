import {
  hashFiles,
  loadTokenizer,
  openPipeline,
  readImages,
  readSchedulerConfig,
  schedulerConfigJson,
  withSampler,
  type EvaluatedRun,
  type EvaluateContext,
  type PipelineParts,
  type RgbaImage,
} from "seedbed";

import { checkWords } from "../checkPrompts.ts";
import { trainedScheduler } from "../denoisingTask.ts";
import { settingsOf, settingsOfSubjects, type DreamboothSettings } from "../settings.ts";
import { subjectRecord, tokenWords } from "../subjects.ts";
import type { Drawing } from "./drawPictures.ts";
import { baseWeights, runWeights, type ModelWeights } from "./modelWeights.ts";
import { questionOf, wantedOnce, type Question, type Wanted } from "./question.ts";

/** A subject, what its models are asked, and the model that they were before. */
export interface PlannedSubject {
  readonly instances: readonly RgbaImage[];
  readonly references: readonly RgbaImage[];
  readonly question: Question;
  /** Words that name the subject. */
  readonly tokens: readonly string[];
  /** Where a CLIP is, if there is one. */
  readonly clip: string | undefined;
  readonly base: Drawing;
  readonly runs: readonly PlannedRun[];
}

export interface PlannedRun extends Drawing {
  readonly run: EvaluatedRun;
}

type Wish = Pick<EvaluateContext, "runs" | "options" | "print">;

/**
 * Finds out what must be drawn, and whether all of it can be, before any of it is. A run of several
 * subjects is among the runs of each.
 *
 * @throws {InputError} for the first thing that is missing
 */
export async function planEvaluation({ runs, options, print }: Wish): Promise<PlannedSubject[]> {
  const subjects = new Map<string, PlannedSubject & { runs: PlannedRun[] }>();
  const bases = new Map<string, ModelWeights>();
  for (const run of runs) {
    const { folder } = settingsOf(run.spec).model;
    const base = bases.get(folder) ?? (await baseWeights(folder, print));
    bases.set(folder, base);
    const weights = await runWeights(run, base, options);
    for (const settings of settingsOfSubjects(run.spec)) {
      const subject = await planSubject(run, settings, { base, options, print });
      const { instance } = settings.data;
      const key = [base.hash, instance.folder, instance.reference, subject.question];
      const known = subjects.get(JSON.stringify(key)) ?? { ...subject, runs: [] };
      known.runs.push({ ...asked(weights, subject.question, { settings, isTrained: true }), run });
      subjects.set(JSON.stringify(key), known);
    }
  }
  return [...subjects.values()];
}

async function planSubject(
  run: EvaluatedRun,
  settings: DreamboothSettings,
  { base, options, print }: Omit<Wish, "runs"> & { base: ModelWeights },
): Promise<Omit<PlannedSubject, "runs">> {
  const { folder, reference } = settings.data.instance;
  const pictures = await readImages(folder);
  warnIfChanged(run, settings, { files: pictures.map(({ file }) => file), print });
  const references = reference === null ? [] : await readImages(reference);
  const instances = pictures.map(({ image }) => image);
  const question = questionOf(settings, instances, options);
  return {
    instances,
    references: references.map(({ image }) => image),
    question,
    tokens: tokenWords(settings.data),
    clip: options.clip ?? settings.validation.clip ?? undefined,
    base: asked(base, question, { settings, isTrained: false }),
  };
}

/** Metrics are those of other pictures than the run was trained on. */
function warnIfChanged(
  { stored: { folder, manifest } }: EvaluatedRun,
  { data }: DreamboothSettings,
  { files, print }: { files: readonly string[]; print: (line: string) => void },
): void {
  const trained = manifest.data[subjectRecord("instance", data)]?.sha256;
  if (trained === undefined || trained === hashFiles(files)) return;
  print(`Warning: ${data.instance.folder} has other pictures now than ${folder} was trained on`);
}

/**
 * What a model can be asked: prompts of words that it knows. A token that a run has learnt is known
 * to its own model and to no other.
 *
 * @param settings of the run, and whether the model is the one that it trained
 */
function asked(
  weights: ModelWeights,
  question: Question,
  { settings, isTrained }: { settings: DreamboothSettings; isTrained: boolean },
): Drawing {
  const { model } = weights.source;
  const parts = openPipeline(model);
  const tokenizer = loadTokenizer(parts.tokenizerFolder);
  const { class: ofClass, subject, others, sampling } = question;
  const general = others.filter(({ prompt }) => !prompt.includes(subject.prompt));
  for (const { prompt } of [ofClass, ...general]) checkWords(prompt, { tokenizer }, "evaluate");
  const learned = settings.model.inversion?.token;
  const isKnown = ({ prompt }: Wanted): boolean => {
    if (learned === undefined || !prompt.includes(learned)) {
      return tokenizer.unknownWords(prompt).length === 0;
    }
    return isTrained && tokenizer.unknownWords(prompt.replaceAll(learned, "")).length === 0;
  };
  const given = readSchedulerConfig(parts.schedulerConfig, `${model}/scheduler`);
  const scheduler = isTrained ? trainedScheduler(given, settings) : given;
  return {
    weights,
    wanted: wantedOnce(question).filter(isKnown),
    sampling,
    scheduler: schedulerConfigJson(withSampler(scheduler, "DDIMScheduler")), // as runs' own samples
    size: trainedSide(parts),
  };
}

/** Side of the pictures that a pipeline was trained for. */
function trainedSide({ unet, vae }: Pick<PipelineParts, "unet" | "vae">): number {
  const { sample_size: latents } = unet.config;
  const { block_out_channels: levels } = vae.config;
  const factor = Array.isArray(levels) ? 2 ** (levels.length - 1) : 8;
  return (typeof latents === "number" ? latents : 64) * factor;
}
