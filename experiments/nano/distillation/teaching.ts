import path from "node:path";

import {
  InputError,
  loadDecoder,
  type Dataset,
  type ExperimentContext,
  type TokenDocuments,
} from "seedbed";

import type { NanoData } from "../data/buildNanoData.ts";
import { endOfText, endOfTurn } from "../data/chat.ts";
import { mixedTraining } from "../data/mixture.ts";
import type { DecoderModuleOptions } from "../decoderModule.ts";
import type { NanoTrainingSettings } from "../settings.ts";
import { packingOf } from "../settings/data.ts";
import { onPolicyBatches, type Student } from "./onPolicy.ts";
import { teacherKey } from "./partFiles.ts";
import { mostStoredTokens, withStoredLogits } from "./storedLogits.ts";
import { teacherTexts } from "./teacherTexts.ts";

/** Where what teachers said is kept. */
const cacheFolder = ".cache/seedbed/nano-teacher";

/** What a model learns with beside the labels; `dispose` gives the teacher back. */
export interface Teaching {
  readonly options: Pick<DecoderModuleOptions, "teacher" | "distillation" | "onPolicy">;
  dispose(): void;
}

/** @throws {InputError} for variants that need another, or exclude each other */
export function checkTeaching({
  data: { vocabularySize },
  distillation,
  loss,
}: Pick<NanoTrainingSettings, "data" | "distillation" | "loss">): void {
  const { teacher, onPolicy, teacherWeight, texts, topK, logits } = distillation;
  const refuse = (isWrong: boolean, what: string, why: string): void => {
    if (isWrong) throw new InputError(`Cannot ${what}: expected ${why}`);
  };
  const hasJudge = teacher !== null && teacherWeight > 0;
  const isOwn = onPolicy.share > 0;
  const alone = "loss.promptWeight 0, since a teacher is asked after labels alone";
  refuse(hasJudge && loss.promptWeight > 0, "weigh prompts beside a teacher", alone);
  const judged = "distillation.teacher and a teacherWeight above 0, since nobody else judges it";
  refuse(isOwn && !hasJudge, "learn from what the student says", judged);
  const wanted = "distillation.teacher, a teacherWeight above 0 and topK, how many are kept";
  refuse(logits === "stored" && !(hasJudge && topK !== null), "store a teacher's logits", wanted);
  const few = `data.vocabularySize to be at most ${mostStoredTokens}, got ${vocabularySize}`;
  refuse(logits === "stored" && vocabularySize > mostStoredTokens, "store a teacher's logits", few);
  const live = "logits: live, as nobody knows beforehand what the student will say";
  refuse(logits === "stored" && isOwn, "learn on policy from stored logits", live);
  refuse(
    texts === "teacher" && teacher === null,
    "learn a teacher's texts",
    "distillation.teacher",
  );
}

type PreparedSettings = Pick<NanoTrainingSettings, "distillation" | "data">;
type Watched = Pick<ExperimentContext, "print" | "signal">;

const stopTokensOf = ({ tokenizer }: Pick<NanoData, "tokenizer">): number[] =>
  [endOfTurn, endOfText].map((token) => tokenizer.idOf(token)!);

/** The training texts: those of the data, or what the teacher says in their place. */
export async function trainingTexts(
  { distillation, data: { set, mixture, seed } }: PreparedSettings,
  data: NanoData,
  { print, signal }: Watched,
): Promise<TokenDocuments> {
  const documents = mixedTraining(data, set, mixture, seed);
  const { teacher, texts, teacherTexts: settings } = distillation;
  if (texts === "data" || teacher === null) return documents;
  const folder = path.join(cacheFolder, teacherKey(teacher, documents, settings));
  const stopTokens = stopTokensOf(data);
  return teacherTexts({ teacher, documents, stopTokens, folder, print, signal, ...settings });
}

/** The training rows, with the teacher's logits where these are stored. */
export async function trainingRows(
  dataset: Dataset,
  documents: TokenDocuments,
  { distillation, data }: PreparedSettings,
  { print, signal, compile }: Watched & Pick<ExperimentContext, "compile">,
): Promise<Dataset> {
  const { teacher, logits, topK } = distillation;
  if (logits === "live" || teacher === null || topK === null) return dataset;
  const folder = logitsFolder(teacher, documents, data, topK);
  const options = { dataset, k: topK, folder, print, signal, compile };
  return withStoredLogits(() => loadDecoder(teacher), options);
}

/** Named after all that decides a teacher's logits: the rows that documents become among it. */
export function logitsFolder(
  teacher: string,
  documents: TokenDocuments,
  data: Pick<NanoTrainingSettings["data"], "set" | "length">,
  topK: number,
): string {
  return path.join(cacheFolder, teacherKey(teacher, documents, { ...packingOf(data), topK }));
}

/** Loads the teacher, if steps ask one. */
export function startTeaching(
  { distillation }: Pick<NanoTrainingSettings, "distillation">,
  data: Pick<NanoData, "tokenizer">,
  student: Student,
): Teaching {
  const { teacher: folder, onPolicy, logits, ...options } = distillation;
  if (folder === null || options.teacherWeight === 0) return { options: {}, dispose() {} };
  if (logits === "stored") return { options: { distillation: options }, dispose() {} };
  const ends = { student, stopTokens: stopTokensOf(data), padId: data.tokenizer.ids.pad! };
  const own = onPolicy.share > 0 ? onPolicyBatches({ ...onPolicy, ...ends }) : undefined;
  const teacher = loadDecoder(folder);
  return {
    options: { teacher, distillation: options, onPolicy: own },
    dispose: () => teacher.dispose(),
  };
}
