import path from "node:path";

import { consoleFileName } from "../../tracking/consoleLog.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { GrowingFile } from "../growingFile.ts";
import type { ConsoleAnswer, ConsoleQuery, RunConsole } from "./runMedia.ts";

type ConsoleLine = ConsoleAnswer["lines"][number];

/** Lines that are read at once when a text is searched for. */
const lookedAt = 2000;

/** `console.jsonl` of a run: where each printed line is, so that any part can be read. */
export class SeedbedConsole implements RunConsole {
  readonly #file: GrowingFile;
  /** Of the lines, and the end of the last. */
  #offsets: number[] = [0];

  constructor(folder: string) {
    this.#file = new GrowingFile(path.join(folder, consoleFileName), {
      restart: () => (this.#offsets = [0]),
      line: (bytes, offset) => this.#offsets.push(offset + bytes.length + 1),
    });
  }

  look(): this {
    this.#file.look();
    return this;
  }

  answer({ after, limit, search }: ConsoleQuery): ConsoleAnswer {
    const total = this.#offsets.length - 1;
    if (search === "") return { total, lines: this.#read(after, Math.min(total, after + limit)) };
    const wanted = search.toLowerCase();
    const lines: ConsoleLine[] = [];
    for (let from = after; from < total && lines.length < limit; from += lookedAt) {
      const found = this.#read(from, Math.min(total, from + lookedAt)).filter(({ text }) =>
        text.toLowerCase().includes(wanted),
      );
      lines.push(...found.slice(0, limit - lines.length));
    }
    return { total, lines };
  }

  #read(from: number, to: number): ConsoleLine[] {
    const [start, end] = [this.#offsets[from], this.#offsets[to]];
    if (start === undefined || end === undefined || end <= start) return [];
    const texts = this.#file.read(start, end - start - 1).split("\n");
    return texts.map((text, i) => parseLine(text, from + i));
  }
}

/** A line that is damaged is shown as it is. */
function parseLine(text: string, number: number): ConsoleLine {
  const value = parseJson(text);
  const isLine = isRecord(value) && typeof value["text"] === "string";
  if (!isLine) return { number, time: 0, stream: "stderr", text };
  const stream = value["stream"] === "stderr" ? "stderr" : "stdout";
  const time = typeof value["time"] === "number" ? value["time"] : 0;
  return { number, time, stream, text: String(value["text"]) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
