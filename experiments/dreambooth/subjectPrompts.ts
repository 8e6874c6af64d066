import { listImages } from "seedbed";

import { readCaptions } from "./captions.ts";
import type { SubjectSettings } from "./settings/data.ts";
import { namedBackgrounds } from "./subjectCopies.ts";
import { fillTemplate } from "./subjects.ts";

/**
 * Prompts of the subject's pictures, each of which has one or several.
 *
 * @throws {InputError} for captions that cannot be read
 */
export function instancePrompts(
  { instance }: SubjectSettings,
  files: readonly string[],
): (readonly string[])[] {
  const captions = instance.captions ? readCaptions(files, instance.captions) : [];
  return files.map((_, i) =>
    captions[i] === undefined ? instance.prompts : [fillTemplate(captions[i], instance)],
  );
}

/**
 * The prompt of each of the class's pictures: the user's own come first, and may have captions.
 *
 * @throws {InputError} for captions that cannot be read
 */
export function classPrompts(
  { instance, class: ofClass }: SubjectSettings,
  count: number,
): string[] {
  const own = ofClass.folder === null ? [] : listImages(ofClass.folder).images;
  const captions = ofClass.captions && own.length > 0 ? readCaptions(own, ofClass.captions) : [];
  return Array.from({ length: count }, (_, i) =>
    captions[i] === undefined ? ofClass.prompt : fillTemplate(captions[i], instance),
  );
}

/** Every text that a subject and its class are trained under, each once. */
export function allPrompts(subject: SubjectSettings): Set<string> {
  const { instance, class: ofClass } = subject;
  const own = instancePrompts(subject, listImages(instance.folder).images).flat();
  const backgrounds = namedBackgrounds(instance);
  const images = ofClass.folder === null ? [] : listImages(ofClass.folder).images;
  return new Set([
    ...own,
    ...own.flatMap((prompt) => backgrounds.map(({ say }) => say(prompt))),
    ofClass.prompt,
    ...classPrompts(subject, images.length),
  ]);
}
