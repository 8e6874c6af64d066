import path from "node:path";

import { readRegularFile } from "../base/readRegularFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import { notesFileName } from "../tracking/runNotes.ts";
import type { IndexedRun } from "./indexedRun.ts";

/** What the user says of a run. */
export type RunWords = Pick<
  IndexedRun,
  "tags" | "notes" | "starred" | "archived" | "title" | "colour"
>;

/**
 * Reads `notes.json`, each entry by itself: one that is damaged hides no other.
 *
 * @param otherwise what holds until somebody has said something
 * @returns the words, and whether some could not be read
 */
export function readNotes(
  folder: string,
  otherwise: Pick<RunWords, "tags" | "notes">,
): { words: RunWords; isDamaged: boolean } {
  const initial = { ...otherwise, starred: false, archived: false, title: null, colour: null };
  const text = readText(path.join(folder, notesFileName));
  if (text === undefined) return { words: initial, isDamaged: false };
  const value = parseJson(text);
  if (!isRecord(value)) return { words: initial, isDamaged: true };
  const { tags, notes, starred, archived, name, colour } = value;
  const isText = (each: unknown): each is string => typeof each === "string";
  const isAbsent = (each: unknown): boolean => each === undefined || each === null;
  const hasTags = Array.isArray(tags) && tags.every(isText);
  const words = {
    tags: hasTags ? tags : initial.tags,
    notes: isText(notes) ? notes : initial.notes,
    starred: starred === true,
    archived: archived === true,
    title: isText(name) ? name : null,
    colour: isText(colour) ? colour : null,
  };
  const isWhole =
    (hasTags || isAbsent(tags)) &&
    [notes, name, colour].every((each) => isText(each) || isAbsent(each));
  return { words, isDamaged: !isWhole };
}

function readText(file: string): string | undefined {
  try {
    return readRegularFile(file).toString();
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
