import { createHash } from "node:crypto";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { readBytes } from "../media/readBytes.ts";
import type { BytePlace, MediaContent, MediaKind } from "../media/runMedia.ts";
import type {
  ForeignContent,
  ForeignMedia,
  ForeignPicture,
  ForeignPictures,
} from "./foreignRun.ts";
import { pictureExtension } from "./pictureFormat.ts";
import { forEachField } from "./protoFields.ts";
import { readEvent, type TensorBoardRecord, type TensorBoardValue } from "./tensorBoardEvents.ts";
import { curveOf, histogramOf, oldHistogram } from "./tensorBoardNumbers.ts";
import { readTensor } from "./tensorBoardTensor.ts";
import { textContent } from "./tensorBoardText.ts";

/** A value of an event. */
export interface PlacedValue {
  readonly file: string;
  readonly record: TensorBoardRecord;
  /** Place of the value in its event. */
  readonly index: number;
  /** Plugin that the value's tag belongs to; "" when none is known. */
  readonly plugin: string;
}

/**
 * What a value is, besides a scalar.
 *
 * @returns undefined for what is no medium: settings, layouts, metadata; a text for what is one, but
 *   none that is known here
 */
export function mediaOf({
  file,
  record,
  index,
  plugin,
}: PlacedValue): ForeignMedia | string | undefined {
  const value = record.values[index]!;
  const kind = kindOf(value, plugin);
  if (kind === undefined) return leftOut(value, plugin);
  const place = { file, offset: record.offset, bytes: record.data.length };
  const at = { key: value.tag, step: record.step, epoch: NaN, time: record.wallTime };
  return { ...at, ...readersOf(kind, place, { index, plugin }) };
}

const tensorKinds: Readonly<Record<string, MediaKind>> = {
  images: "images",
  histograms: "histogram",
  pr_curves: "prCurve",
};

function kindOf({ form, message }: TensorBoardValue, plugin: string): MediaKind | undefined {
  if (form === "image") return "images";
  if (form === "histogram") return "histogram";
  if (form !== "tensor") return undefined;
  if (plugin === "text") return textContent(readTensor(message)).kind;
  return tensorKinds[plugin];
}

/** Plugins whose values are settings, and no media. */
const settings = ["hparams", "custom_scalars", "scalars", ""];

function leftOut({ tag, form }: TensorBoardValue, plugin: string): string | undefined {
  if (form === "audio") return `${tag} is left out: sound cannot be shown`;
  if (form === undefined || settings.includes(plugin)) return undefined;
  return `${tag} is left out: what plugin ${plugin} shows is not known here`;
}

/** Reads the event again when it is asked for, so that nobody has to keep it. */
function readersOf(
  kind: MediaKind,
  place: BytePlace,
  { index, plugin }: Pick<PlacedValue, "index" | "plugin">,
): ForeignPictures | ForeignContent {
  const load = (): { data: Buffer; step: number; value: TensorBoardValue } => {
    const data = Buffer.concat([...readBytes(place)]);
    const { values, step } = readEvent(data) ?? { values: [], step: 0 };
    const value = values[index];
    if (value) return { data, step, value };
    throw new InputError(`Cannot read ${path.basename(place.file)}: it was changed meanwhile`);
  };
  if (kind !== "images") return { kind, read: () => contentOf(load().value, plugin) };
  return {
    kind,
    pictures() {
      const { data, step, value } = load();
      return picturesOf(value, step, { ...place, data });
    },
  };
}

/** @throws {InputError} when it has another shape than the plugin's */
function contentOf({ form, message }: TensorBoardValue, plugin: string): MediaContent {
  if (form === "histogram") return { kind: "histogram", ...oldHistogram(message) };
  const tensor = readTensor(message);
  if (plugin === "text") return textContent(tensor);
  if (plugin === "histograms") return { kind: "histogram", ...histogramOf(tensor) };
  return { kind: "prCurve", ...curveOf(tensor) };
}

/** @param data of the event at that offset of the file, in which the value's message lies */
function picturesOf(
  value: TensorBoardValue,
  step: number,
  { file, offset, data }: BytePlace & { data: Buffer },
): ForeignPicture[] {
  const { width, height, contents } = value.form === "image" ? oldImage(value) : images(value);
  return contents.map((content, i) => {
    const sha256 = createHash("sha256").update(content).digest("hex");
    const start = offset + content.byteOffset - data.byteOffset;
    return {
      id: sha256.slice(0, 32) + pictureExtension(content),
      name: `picture ${i + 1} of ${value.tag} at step ${step}`,
      ...{ width, height },
      place: always({ file, offset: start, bytes: content.length }),
    };
  });
}

/** A closure of its own, which keeps no record in memory. */
function always(place: BytePlace): () => BytePlace {
  return () => place;
}

interface EncodedImages {
  readonly width: number;
  readonly height: number;
  readonly contents: readonly Uint8Array[];
}

/** Width and height as text, then the pictures. */
function images({ message }: TensorBoardValue): EncodedImages {
  const [width, height, ...contents] = readTensor(message).strings;
  const size = (text: Uint8Array | undefined): number => Number(Buffer.from(text ?? []).toString());
  return { width: size(width) || 0, height: size(height) || 0, contents };
}

function oldImage({ message }: TensorBoardValue): EncodedImages {
  let [width, height] = [0, 0];
  let content: Uint8Array | undefined;
  forEachField(message, (field, reader) => {
    if (field === 1) height = reader.int32();
    else if (field === 2) width = reader.int32();
    else if (field === 4) content = reader.bytes();
    else return false;
    return true;
  });
  return { width, height, contents: content ? [content] : [] };
}
