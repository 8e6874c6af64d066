import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { InputError } from "../../base/errors.ts";
import { fileInside } from "../../store/media/fileInside.ts";
import type { BytePlace } from "../../store/media/runMedia.ts";
import { isRecord } from "../../tracking/parameters.ts";

/** What a browser can still show of a text. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Text of a file in a run's folder; "" where there is none, or a link leads out of the folder. A long
 * one ends where it was cut.
 */
export function readRunText(folder: string, name: string): string {
  const place = placeOf(folder, name);
  const handle = place && openQuietly(place.file);
  if (handle === undefined) return "";
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, mostBytes));
    const text = bytes.toString("utf8", 0, readSync(handle, bytes, 0, bytes.length, 0));
    return size <= mostBytes ? text : `${text}\n[${size - mostBytes} more bytes are not shown]`;
  } finally {
    closeSync(handle);
  }
}

/** `manifest.json`; empty where there is none that can be read. */
export function readRunManifest(folder: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readRunText(folder, "manifest.json"));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** Undefined for what is no file of the folder's own. */
function placeOf(folder: string, name: string): BytePlace | undefined {
  try {
    return fileInside(folder, name);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function openQuietly(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined;
  }
}
