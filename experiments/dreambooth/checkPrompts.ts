import { InputError, listImages, type PipelineComponents } from "seedbed";

import { isPlain } from "./literalPrompts.ts";
import type { SubjectSettings } from "./settings/data.ts";
import { allPrompts, instancePrompts } from "./subjectPrompts.ts";
import { tokenWords } from "./subjects.ts";
import { describeTokenIds } from "./tokenIds.ts";
import { hasWord } from "./words.ts";

type Warn = (line: string) => void;

/**
 * Looks at every text that a subject is trained under or sampled by. Warns of prompts without the
 * token, and of a token that is spelled with others' pieces.
 *
 * @param further prompts to be sampled
 * @throws {InputError} naming a prompt and its words that the model's vocabulary lacks
 */
export function checkPrompts(
  subject: SubjectSettings,
  further: readonly string[],
  components: PipelineComponents,
  warn: Warn,
): void {
  const prompts = [...allPrompts(subject), ...further];
  for (const prompt of prompts) checkWords(prompt, components);
  warnOfWeights(prompts, warn);
  const words = tokenWords(subject);
  const { instance, class: ofClass } = subject;
  if (words.length === 0) {
    warn(
      `Prompt "${instance.prompt}" has no token: nothing tells the subject from "${ofClass.prompt}", so the whole class will change; name it by a rare word, such as sks`,
    );
    return;
  }
  warnOfPrompts(subject, words, warn);
  for (const word of words) {
    const problem = describeTokenIds(word, components);
    if (problem !== undefined) warn(problem);
  }
}

/**
 * A word that the model cannot see would be ignored in silence.
 *
 * @throws {InputError} naming the prompt and its words that the vocabulary lacks
 */
export function checkWords(
  prompt: string,
  { tokenizer }: Pick<PipelineComponents, "tokenizer">,
  action = "use",
): void {
  const unknown = tokenizer.unknownWords(prompt);
  if (unknown.length === 0) return;
  throw new InputError(
    `Cannot ${action} prompt "${prompt}": the model's vocabulary lacks ${unknown.join(", ")}`,
  );
}

/** Those of an experiment are text. */
function warnOfWeights(prompts: readonly string[], warn: Warn): void {
  const weighed = [...new Set(prompts)].filter((prompt) => !isPlain(prompt));
  if (weighed.length === 0) return;
  warn(
    `Prompts are read as they are written here, but \`seedbed sample\` reads brackets as weights and BREAK as a cut: ${list(weighed)}; leave them out, or put a \\ before each bracket and \\ there`,
  );
}

/** The first few. */
function list(prompts: readonly string[]): string {
  const shown = prompts.slice(0, 3).map((prompt) => `"${prompt}"`);
  const more = prompts.length > 3 ? ` and ${prompts.length - 3} more` : "";
  return shown.join(", ") + more;
}

function warnOfPrompts(subject: SubjectSettings, words: readonly string[], warn: Warn): void {
  const { instance } = subject;
  const { images } = listImages(instance.folder);
  const given = new Set([instance.prompt, ...instancePrompts(subject, images).flat()]);
  const without = [...given].filter((prompt) => !words.some((word) => hasWord(prompt, word)));
  if (without.length > 0) {
    warn(`Prompts of the subject lack its token ${words.join(" ")}: ${list(without)}`);
  }
  const captioned = instance.captions === "files" ? instancePrompts(subject, images) : [];
  const missing = captioned.filter((prompts) => prompts === instance.prompts).length;
  if (missing > 0) {
    warn(
      `Of ${images.length} pictures in ${instance.folder} ${missing} have no caption: they are trained under "${instance.prompt}"`,
    );
  }
}
