/** @file Artifacts of MLflow's file store, as far as they are media: by our logger and by MLflow's. */
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { readBytes } from "../media/readBytes.ts";
import type { BytePlace, MediaContent } from "../media/runMedia.ts";
import { namesBelow, placeOf } from "./filesBelow.ts";
import type { ForeignFile, ForeignMedia, ForeignPicture } from "./foreignRun.ts";
import { parseQuietly } from "./parseQuietly.ts";
import { addressOf, tableOf } from "./wandbMedia.ts";

/** Pictures of one key and step, texts, and JSON whose form is known. */
export function artifactMedia(folder: string): ForeignMedia[] {
  const artifacts = artifactsIn(folder);
  const named = namesBelow(artifacts).map((name) => ({ name, ...placeInRun(name) }));
  const pictures = new Map<string, Named[]>();
  for (const each of named.filter(({ name }) => name.endsWith(".png"))) {
    const group = `${each.step} ${each.key}`;
    pictures.set(group, [...(pictures.get(group) ?? []), each]);
  }
  const others = named.filter(({ name }) => /\.(txt|json)$/.test(name));
  return [
    ...Array.from(pictures.values(), (group) => picturesOf(artifacts, group)),
    ...others.flatMap((each) => contentOf(artifacts, each)),
  ];
}

/** All artifacts. */
export function artifactFiles(folder: string): ForeignFile[] {
  const artifacts = artifactsIn(folder);
  return namesBelow(artifacts).map((name) => ({ name, place: () => placeOf(artifacts, name) }));
}

const artifactsIn = (folder: string): string => path.join(folder, "artifacts");

interface Named {
  /** Below `artifacts/`. */
  readonly name: string;
  readonly key: string;
  readonly step: number;
}

/** What a name says: `key_00000012.txt` and `key_00000012_0.png` of our logger, `images/key%step%12%...` of MLflow's. */
function placeInRun(name: string): Omit<Named, "name"> {
  const theirs = /^images\/(.+?)%step%(\d+)%/.exec(name);
  if (theirs) return { key: theirs[1]!.replaceAll("#", "/"), step: Number(theirs[2]) };
  const ours = /^(.+)_(\d{8,})(?:_\d+)?\.\w+$/.exec(name);
  return ours ? { key: ours[1]!, step: Number(ours[2]) } : { key: name, step: 0 };
}

const nowhere = { epoch: NaN, time: NaN };

function picturesOf(artifacts: string, group: readonly Named[]): ForeignMedia {
  const { key, step } = group[0]!;
  const pictures = (): readonly ForeignPicture[] =>
    group.map(({ name }) => {
      const place = (): BytePlace => placeOf(artifacts, name);
      return { id: addressOf(name, stampOf(place)), name, ...pngSize(place), place };
    });
  return { kind: "images", key, step, ...nowhere, pictures };
}

const pngHeaderBytes = 24;

/** What a PNG says in its header; 0 for what is none. */
function pngSize(place: () => BytePlace): { width: number; height: number } {
  try {
    const bytes = { ...place(), bytes: pngHeaderBytes };
    const header = Buffer.concat([...readBytes(bytes)]);
    if (header.length < pngHeaderBytes) return { width: 0, height: 0 };
    return { width: header.readUInt32BE(16), height: header.readUInt32BE(20) };
  } catch (error) {
    if (error instanceof InputError) return { width: 0, height: 0 };
    throw error;
  }
}

function stampOf(place: () => BytePlace): string {
  try {
    return String(place().bytes);
  } catch (error) {
    if (error instanceof InputError) return "";
    throw error;
  }
}

function contentOf(artifacts: string, { name, key, step }: Named): ForeignMedia[] {
  const read = (): MediaContent | undefined => {
    const text = Buffer.concat([...readBytes(placeOf(artifacts, name))]).toString();
    return name.endsWith(".txt") ? { kind: "text", text } : jsonContent(parseQuietly(text));
  };
  const kind = kindOf(read);
  if (kind === undefined) return [];
  return [{ kind, key, step, ...nowhere, read: () => read()! }];
}

function kindOf(read: () => MediaContent | undefined): MediaContent["kind"] | undefined {
  try {
    return read()?.kind;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Undefined for JSON of another form. */
function jsonContent(value: unknown): MediaContent | undefined {
  if (!isRecord(value)) return undefined;
  if (Array.isArray(value["columns"]) && Array.isArray(value["data"])) return tableOf(value);
  const { edges, counts } = value;
  return isNumbers(edges) && isNumbers(counts) ? { kind: "histogram", edges, counts } : undefined;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === "number");
}
