import { readFileSync } from "node:fs";

import {
  beamScorer,
  beamSearch,
  DecodeEngine,
  documentAt,
  generate,
  RandomStream,
  readDecoderConfig,
  readModelFolder,
  tokenDocuments,
  type TokenDocument,
  type TokenDocuments,
} from "seedbed";

import { buildParts, partFile, type BuildOptions } from "./partFiles.ts";

export interface TeacherTextSettings {
  /** 1: always the likeliest token; more: the likeliest text that so many beams find. */
  beams: number;
  /** Most tokens of an answer; one that is longer is left out. */
  length: number;
  /** Most answers; null: one for all that is learnt. */
  limit: number | null;
  /** Tokens that begin a text of which all is learnt. */
  promptTokens: number;
}

export interface TeacherTextOptions extends TeacherTextSettings, Omit<BuildOptions, "what"> {
  /** A model's folder. */
  readonly teacher: string;
  readonly documents: TokenDocuments;
  /** End an answer, and are learnt with it. */
  readonly stopTokens: readonly number[];
  /** Named after the teacher, the documents and the settings. */
  readonly folder: string;
}

/** Prompts of a file, and texts that are continued at a time. */
const promptsOfPart = 64;
const rowsAtOnce = 8;

/**
 * What a teacher says in place of what the data say: each stretch that is learnt becomes a text of
 * its own, what stands before it and the teacher's answer. The first use writes the answers.
 *
 * Source: Kim & Rush 2016, arXiv:1606.07947, section 3.2.
 */
export async function teacherTexts(options: TeacherTextOptions): Promise<TokenDocuments> {
  const { teacher, documents, folder, limit, length } = options;
  const { config: given, tensors } = readModelFolder(teacher);
  const config = readDecoderConfig(given);
  const fits = (prompt: number[]): boolean =>
    prompt.length + length <= config.max_position_embeddings;
  const all = answerPrompts(documents, options.promptTokens).filter(fits);
  const order = new RandomStream(0, "teacher texts").permutation(all.length);
  const prompts = Array.from(order.subarray(0, limit ?? all.length), (i) => all[i]!);
  const parts = { folder, count: Math.ceil(prompts.length / promptsOfPart) };
  let engine: DecodeEngine | undefined;
  try {
    const rows = Math.max(rowsAtOnce, options.beams);
    const make = async (part: number): Promise<Uint8Array> => {
      engine ??= new DecodeEngine({ config, weights: tensors, rows });
      const asked = prompts.slice(part * promptsOfPart, (part + 1) * promptsOfPart);
      return Buffer.from(JSON.stringify(await answersOf(engine, asked, options)));
    };
    await buildParts(parts, make, { ...options, what: "the teacher's answers" });
  } finally {
    await engine?.dispose();
  }
  const answers = Array.from({ length: parts.count }, (_, part) => readAnswers(parts, part)).flat();
  const ended = answers.filter(Boolean).length;
  options.print?.(`the teacher's answers: ${ended} of ${answers.length} ended`);
  return joined(prompts, answers);
}

/** What stands before each stretch of tokens that is learnt. */
export function answerPrompts(documents: TokenDocuments, promptTokens: number): number[][] {
  return Array.from(documents.ends, (_, i) => documentAt(documents, i))
    .flatMap(({ ids, learnt }) => {
      const starts = Array.from(learnt).flatMap((each, i) =>
        each === 1 && learnt[i - 1] !== 1 ? [i] : [],
      );
      return starts.map((start) =>
        Array.from(ids).slice(0, start > 0 ? start : Math.min(promptTokens, ids.length - 1)),
      );
    })
    .filter((prompt) => prompt.length > 0);
}

type Answer = readonly number[] | null;

/** Null for an answer that does not end. */
async function answersOf(
  engine: DecodeEngine,
  prompts: readonly (readonly number[])[],
  { beams, length, stopTokens, signal }: TeacherTextOptions,
): Promise<Answer[]> {
  if (beams === 1) {
    const said = await generate(engine, {
      prompts,
      maxNewTokens: length,
      stopTokens,
      ...(signal && { signal }),
    });
    return said.map(({ tokens, stopToken }) =>
      stopToken === undefined ? null : [...tokens, stopToken],
    );
  }
  const answers: Answer[] = [];
  for (const prompt of prompts) {
    signal?.throwIfAborted();
    const options = { prompt, beams, maxNewTokens: length, endIds: stopTokens };
    const added = (await beamSearch(beamScorer(engine), options)).slice(prompt.length);
    answers.push(stopTokens.includes(added.at(-1)!) ? added : null);
  }
  return answers;
}

function readAnswers(parts: { readonly folder: string }, part: number): Answer[] {
  return JSON.parse(readFileSync(partFile(parts, part), "utf8"));
}

function joined(
  prompts: readonly (readonly number[])[],
  answers: readonly Answer[],
): TokenDocuments {
  const texts = prompts.flatMap((prompt, i): TokenDocument[] => {
    const answer = answers[i];
    if (!answer) return [];
    const learnt = [...prompt.map(() => 0), ...answer.map(() => 1)];
    return [{ ids: [...prompt, ...answer], learnt }];
  });
  if (texts.length > 0) return tokenDocuments(texts);
  throw new RangeError(
    `Cannot learn a teacher's texts: none of its ${answers.length} answers ended; give a larger length`,
  );
}
