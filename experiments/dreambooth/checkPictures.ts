import path from "node:path";

import { InputError, listImages, readImage, readImageInfo, type PipelineComponents } from "seedbed";

import { bucketSizes, nearestBucket, pictureSide, sideStep } from "./pictures/buckets.ts";
import { valuesHash } from "./pictures/contentHash.ts";
import type { DataSettings } from "./settings/data.ts";

type Warn = (line: string) => void;

/** More are no few pictures of one subject any more; the paper has 3 to 5. */
const usualPictures = 100;
/**
 * The subject's pictures stay decoded for the whole run. With a model beside them, more than this
 * is too much for a machine with 4 GB.
 */
const maximumBytes = 2e9;
/** Shapes for which the backend keeps a compiled step. */
const keptShapes = 8;

/** What a folder's pictures are, as far as the check needs it. */
interface CheckedPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Of the decoded pixels. */
  readonly hash: string;
}

/**
 * Reads every picture that a spec names, one at a time. Warns of what can be used and is probably
 * not meant.
 *
 * @throws {InputError} naming the folder without pictures, the first picture that cannot be read,
 *   or the folder with more than fits in memory
 */
export async function checkPictures(
  data: DataSettings,
  components: PipelineComponents,
  warn: Warn,
): Promise<void> {
  const { instance, class: ofClass } = data;
  const all = [instance.folder, instance.reference, instance.masks, ofClass.folder];
  const named = all.filter((folder) => folder !== null);
  for (const folder of named) warnOfOthers(folder, named, warn);
  await checkSize(instance.folder);
  const subject = await checkFolder(instance.folder, warn);
  warnOfNumber(subject.length, instance.folder, warn);
  warnOfSides(subject, data, components, warn);
  if (instance.reference !== null) await checkFolder(instance.reference, warn);
  if (ofClass.folder === null) return;
  warnOfShared(subject, await checkFolder(ofClass.folder, warn), ofClass.folder, warn);
}

async function checkFolder(folder: string, warn: Warn): Promise<CheckedPicture[]> {
  const checked: CheckedPicture[] = [];
  const animated: string[] = [];
  for (const file of listImages(folder).images) {
    const { width, height, data } = await readImage(file);
    checked.push({ file, width, height, hash: valuesHash(data, width, height) });
    if ((await readImageInfo(file)).frames > 1) animated.push(file);
  }
  if (animated.length > 0) {
    warn(`Only the first frame is used of what is animated: ${namesOf(animated)} in ${folder}`);
  }
  return checked;
}

/** Before any is decoded. */
async function checkSize(folder: string): Promise<void> {
  const { images } = listImages(folder);
  let bytes = 0;
  for (const file of images) {
    const { width, height } = await readImageInfo(file);
    bytes += width * height * 4;
  }
  if (bytes <= maximumBytes) return;
  const gigabytes = (bytes / 1e9).toFixed(1);
  throw new InputError(
    `Cannot read pictures in ${folder}: expected at most ${maximumBytes / 1e9} GB when decoded, got ${images.length} pictures of ${gigabytes} GB; use fewer, or make them smaller`,
  );
}

/** Folders that the spec names too, and captions of pictures, may lie there. */
function warnOfOthers(folder: string, named: readonly string[], warn: Warn): void {
  const { images, others } = listImages(folder);
  const known = new Set(named.map((each) => path.resolve(each)));
  const stems = new Set(images.map((file) => path.parse(file).name));
  const unknown = others.filter((name) => {
    if (known.has(path.resolve(folder, name))) return false;
    const { name: stem, ext } = path.parse(name);
    return !([".txt", ".caption"].includes(ext) && stems.has(stem));
  });
  if (unknown.length > 0) warn(`Passed over what is no picture: ${namesOf(unknown)} in ${folder}`);
}

function warnOfNumber(count: number, folder: string, warn: Warn): void {
  if (count === 1) {
    warn(
      `There is one picture in ${folder}: its background and pose will be learnt as the subject's; 3 to 5 in different surroundings are usual`,
    );
  }
  if (count > usualPictures) {
    warn(
      `There are ${count} pictures in ${folder}: 3 to 5 of one subject are usual; with so many lower data.variants, and expect the class to change with them`,
    );
  }
}

function warnOfSides(
  pictures: readonly CheckedPicture[],
  { buckets, instance }: DataSettings,
  components: PipelineComponents,
  warn: Warn,
): void {
  const side = pictureSide(components);
  const small = pictures.filter(({ width, height }) => Math.min(width, height) < side);
  if (small.length > 0) {
    const names = namesOf(small.map(({ file }) => file));
    warn(
      `Pictures in ${instance.folder} are enlarged, having sides below the model's ${side} pixels: ${names}`,
    );
  }
  if (!buckets) return;
  const sizes = bucketSizes(side, sideStep(components));
  const used = new Set(pictures.map((picture) => nearestBucket(sizes, picture)));
  if (used.size > keptShapes) {
    warn(
      `Pictures in ${instance.folder} are put in ${used.size} buckets: compiled steps are kept for ${keptShapes} shapes, so that steps will be compiled again and again; crop pictures to fewer shapes`,
    );
  }
}

function warnOfShared(
  subject: readonly CheckedPicture[],
  ofClass: readonly CheckedPicture[],
  folder: string,
  warn: Warn,
): void {
  const hashes = new Set(subject.map(({ hash }) => hash));
  const shared = ofClass.filter(({ hash }) => hashes.has(hash)).map(({ file }) => file);
  if (shared.length === 0) return;
  warn(
    `Pictures of the subject are in the class's folder ${folder}: ${namesOf(shared)}; what the class is kept by would then be the subject itself`,
  );
}

/** The first of some files, and how many there are. */
function namesOf(files: readonly string[]): string {
  const shown = files.slice(0, 3).map((file) => path.basename(file));
  const more = files.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
