import { createHash } from "node:crypto";

import { firstBytes, InputError } from "seedbed";

import type {
  ClassSettings,
  DataSettings,
  InstanceSettings,
  SubjectSettings,
} from "./settings/data.ts";
import { originalTemplates } from "./settings/prompts.ts";

/** A subject as the spec has it, its prompts perhaps not written out. */
export interface GivenSubject {
  instance: Omit<InstanceSettings, "prompt" | "prompts"> & {
    prompt: string | null;
    templates: readonly string[];
  };
  class: Omit<ClassSettings, "prompt"> & { prompt: string | null };
}

/** The data section as the spec has it. */
export type GivenData = Omit<DataSettings, "instance" | "class" | "subjects"> &
  Partial<GivenSubject> & { subjects?: readonly GivenSubject[] };

/**
 * The data section with every prompt written out. `instance` and `class` are the first subject's.
 *
 * @throws {InputError} when it is not clear which subjects there are, or what they are called
 */
export function resolveSubjects(given: GivenData): DataSettings {
  const subjects = givenSubjects(given).map((subject, i) =>
    resolveSubject(subject, given.subjects ? `data.subjects[${i}].` : "data."),
  );
  checkDistinct(subjects);
  return { ...given, ...subjects[0]!, subjects };
}

function checkDistinct(subjects: readonly SubjectSettings[]): void {
  const prompts = subjects.map(({ instance }) => instance.prompt);
  const twice = prompts.find((prompt, i) => prompts.indexOf(prompt) !== i);
  if (twice === undefined) return;
  throw new InputError(
    `Cannot tell subjects apart: expected a prompt for each subject, got "${twice}" twice`,
  );
}

function givenSubjects({ instance, class: ofClass, subjects }: GivenData): readonly GivenSubject[] {
  if (subjects && !instance && !ofClass) return subjects;
  if (!subjects && instance && ofClass) return [{ instance, class: ofClass }];
  const got = subjects ? "both" : instance ? "data.instance alone" : "no data.instance";
  throw new InputError(
    `Cannot tell the subject: expected data.instance and data.class, or data.subjects in their place, got ${got}`,
  );
}

/** @param path of the subject in the spec, for messages */
function resolveSubject(given: GivenSubject, path: string): SubjectSettings {
  const { templates, prompt, ...instance } = given.instance;
  if (prompt === null && (instance.token === null || instance.class === null)) {
    throw new InputError(
      `Cannot name the subject: expected ${path}instance.prompt, or ${path}instance.token and ${path}instance.class`,
    );
  }
  const fill = (template: string): string => fillTemplate(template, instance, `${path}instance`);
  const prompts = (prompt === null ? templates : [prompt]).map(fill);
  const classPrompt = given.class.prompt ?? (instance.class && originalTemplates.class);
  if (classPrompt === null) {
    throw new InputError(
      `Cannot name the class: expected ${path}class.prompt, or ${path}instance.class`,
    );
  }
  return {
    instance: { ...instance, prompt: prompts[0]!, prompts },
    class: { ...given.class, prompt: fill(classPrompt) },
  };
}

/**
 * A text with a subject's token and class in the place of {token} and {class}.
 *
 * @param path of the two in the spec, for messages
 * @throws {InputError} when one is asked for that the spec does not give
 */
export function fillTemplate(
  template: string,
  words: { readonly token: string | null; readonly class: string | null },
  path = "data.instance",
): string {
  return template.replaceAll(/\{(token|class)\}/g, (_, name: "token" | "class") => {
    const word = words[name];
    if (word !== null) return word;
    throw new InputError(`Cannot fill in "${template}": expected ${path}.${name}, got none`);
  });
}

/** Whether a text names a subject's token or class. */
export const isTemplate = (text: string): boolean => /\{(token|class)\}/.test(text);

/** File systems take 255, from which names of files begin. */
const longestNameBytes = 200;

/**
 * What tells a subject from others in names of files and numbers; undefined where it is alone. It is
 * its prompt without punctuation, and a hash of it where that is too long or another's too.
 */
export function subjectName({ subjects, instance: { prompt } }: DataSettings): string | undefined {
  if (subjects.length === 1) return undefined;
  const words = nameOf(prompt);
  const isTooLong = Buffer.byteLength(words) > longestNameBytes;
  const same = subjects.filter(({ instance }) => nameOf(instance.prompt) === words);
  if (!isTooLong && same.length === 1) return words;
  const hash = createHash("sha256").update(prompt).digest("hex").slice(0, 8);
  return `${firstBytes(words, longestNameBytes - hash.length - 1)}-${hash}`;
}

const nameOf = (prompt: string): string => prompt.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");

/** What a run's manifest calls a subject's pictures, or what else belongs to it. */
export function subjectRecord(
  kind: "instance" | "class" | "prompts" | "masks",
  data: DataSettings,
): string {
  const name = subjectName(data);
  return name === undefined ? kind : `${kind} ${name}`;
}

/** Words of a subject's prompt that its class's has in no case of letters: what tells the two apart. */
export function tokenWords({ instance, class: ofClass }: SubjectSettings): string[] {
  if (instance.token !== null) return [instance.token];
  const words = (prompt: string): string[] => prompt.split(/[\s,.;:!?]+/);
  const known = new Set(words(ofClass.prompt.toLowerCase()));
  return words(instance.prompt).filter((word) => word !== "" && !known.has(word.toLowerCase()));
}
