/** @file Recorded answers of an OpenAI-compatible server, to compare ours with. */
import { readFileSync } from "node:fs";

import type { NanoFolder } from "../nanoFolder.ts";

/** What was recorded of a request. */
export interface Transcript {
  readonly name: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  /** What was asked for beyond a model and a message. */
  readonly requestExtra: Readonly<Record<string, unknown>>;
  readonly file: string;
}

type Index = Readonly<
  Record<
    string,
    {
      readonly path: string;
      readonly status: number;
      readonly content_type: string;
      readonly request_extra: Readonly<Record<string, unknown>>;
      readonly file: string;
    }
  >
>;

export const indexFile = "index.json";

export function transcriptsOf(folder: NanoFolder): Transcript[] {
  return Object.entries(folder.json<Index>(indexFile)).map(([name, entry]) => ({
    name,
    get path() {
      return entry.path;
    },
    get status() {
      return entry.status;
    },
    get contentType() {
      return entry.content_type;
    },
    get requestExtra() {
      return entry.request_extra;
    },
    get file() {
      return entry.file;
    },
  }));
}

export function isStreamed({ contentType }: Transcript): boolean {
  return contentType.startsWith("text/event-stream");
}

/** The bytes as they were sent; to read them is not to look at what they say. */
export function bytesOf(folder: NanoFolder, { file }: Transcript): Uint8Array {
  return readFileSync(folder.path(file));
}

/** A body that is no stream. */
export function bodyOf(folder: NanoFolder, { file }: Transcript): object {
  return folder.json<object>(file);
}

/** An event of a stream, or a chunk, which has no name. */
export interface ToldEvent {
  readonly name: string | undefined;
  /** Undefined at the end: `[DONE]`. */
  readonly data: object | undefined;
}

/** The events of a recorded stream. */
export function recordedEvents(folder: NanoFolder, { file }: Transcript): ToldEvent[] {
  const text = readFileSync(folder.path(file), "utf8");
  return eventsOf(text, (data, i) => folder.watch(`${file}#event ${i}`, () => data));
}

/** @param read makes an object of the JSON of the `i`th event */
export function eventsOf(
  text: string,
  read: (data: string, i: number) => object = (data) => JSON.parse(data),
): ToldEvent[] {
  return text
    .split("\n\n")
    .filter((part) => part.trim() !== "" && !part.startsWith(":"))
    .map((part, i) => {
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (data === undefined) throw new RangeError(`Cannot read event ${i}: it has no data`);
      const name = /^event: (.*)$/m.exec(part)?.[1];
      return { name, data: data === "[DONE]" ? undefined : read(data, i) };
    });
}
