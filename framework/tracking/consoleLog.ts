import path from "node:path";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";

import type { AppendFile } from "./appendFile.ts";
import { openLineFile, readLineFile } from "./lineFile.ts";
import { LineRedactor } from "./lineRedactor.ts";
import { isRecord } from "./parameters.ts";
import { secretRedactor } from "./redactSecrets.ts";

export type ConsoleStream = "stdout" | "stderr";

/** One line that a run's process has printed. */
export interface ConsoleLine {
  /** Seconds since 1970, when the line was complete. */
  time: number;
  stream: ConsoleStream;
  /** Without colours and other control sequences. */
  text: string;
}

export const consoleFileName = "console.jsonl";

/** Lines that a run has printed, over all of its processes. */
export function readConsole(folder: string): ConsoleLine[] {
  return readLineFile(path.join(folder, consoleFileName), (value) =>
    isConsoleLine(value) ? value : undefined,
  );
}

export interface ConsoleLogOptions {
  /** The run's folder. */
  folder: string;
  environment?: NodeJS.ProcessEnv;
  /** Seconds since 1970. */
  clock?: () => number;
  /** What may be written at once, in bytes, and what comes on top each second. */
  burstBytes?: number;
  bytesPerSecond?: number;
}

const longestLine = 10_000;

/**
 * `console.jsonl`: what a run prints, line by line, without the values of secrets. Of a line that
 * rewrites itself, as progress does, only the last form is kept. A run that prints more than the file
 * should hold is kept in part, and the file says how many lines are missing.
 */
export class ConsoleLog {
  readonly #file: AppendFile;
  readonly #redact: (text: string) => string;
  readonly #clock: () => number;
  readonly #burstBytes: number;
  readonly #bytesPerSecond: number;
  readonly #open = new Map<ConsoleStream, OpenLine>();
  #allowedBytes: number;
  #filledAt: number;
  #leftOut = 0;

  constructor({
    folder,
    environment = process.env,
    clock = () => Date.now() / 1000,
    burstBytes = 2 ** 24,
    bytesPerSecond = 4096,
  }: ConsoleLogOptions) {
    this.#file = openLineFile(path.join(folder, consoleFileName));
    this.#redact = secretRedactor(environment);
    this.#clock = clock;
    this.#burstBytes = this.#allowedBytes = burstBytes;
    this.#bytesPerSecond = bytesPerSecond;
    this.#filledAt = clock();
  }

  /** Takes what was written to a stream: parts of lines, or many. */
  write(stream: ConsoleStream, chunk: string | Uint8Array): void {
    const open = this.#open.get(stream) ?? this.#begin();
    this.#open.set(stream, open);
    const added = typeof chunk === "string" ? chunk : open.decoder.write(Buffer.from(chunk));
    const lines = added.split("\n");
    lines[0] = open.text + lines[0]!;
    open.text = shownPart(lines.pop()!).slice(0, 2 * longestLine);
    if (lines.length > 0) this.#append(stream, open, lines);
  }

  #begin(): OpenLine {
    const redactor = new LineRedactor(this.#redact);
    return { decoder: new StringDecoder("utf8"), redactor, text: "" };
  }

  /** Writes a line whatever the limit, such as the run's last words. */
  say(stream: ConsoleStream, text: string): void {
    this.#allowedBytes = this.#burstBytes;
    this.write(stream, `${text}\n`);
  }

  sync(): void {
    this.#file.sync();
  }

  /** Ends lines that are open, and closes the file. */
  close(): void {
    for (const [stream, open] of this.#open) {
      if (open.text !== "") this.#append(stream, open, [open.text]);
    }
    this.#open.clear();
    this.#sayLeftOut(this.#clock());
    this.#file.close();
  }

  #append(stream: ConsoleStream, { redactor }: OpenLine, lines: readonly string[]): void {
    const time = this.#clock();
    this.#refill(time);
    let written = "";
    for (const line of lines) {
      const text = redactor.redact(stripVTControlCharacters(shownPart(line).replace(/\r$/, "")));
      if (text === undefined) continue;
      const content = format({ time, stream, text: cut(text) });
      if (content.length > this.#allowedBytes) this.#leftOut++;
      else {
        this.#allowedBytes -= content.length;
        if (this.#leftOut > 0) this.#sayLeftOut(time);
        written += content;
      }
    }
    if (written !== "") this.#file.append(written);
  }

  #refill(time: number): void {
    const passedSeconds = Math.max(0, time - this.#filledAt); // clocks may be set back
    this.#filledAt = time;
    this.#allowedBytes = Math.min(
      this.#burstBytes,
      this.#allowedBytes + passedSeconds * this.#bytesPerSecond,
    );
  }

  #sayLeftOut(time: number): void {
    if (this.#leftOut === 0) return;
    const text = `[${this.#leftOut} lines are left out here: the run prints more than is kept]`;
    this.#leftOut = 0;
    this.#file.append(format({ time, stream: "stderr", text }));
  }
}

interface OpenLine {
  readonly decoder: StringDecoder;
  readonly redactor: LineRedactor;
  /** What was written since the last line end. */
  text: string;
}

/** What a terminal shows of a line that returns to its start; such a return at its end is kept. */
function shownPart(line: string): string {
  return line.slice(line.lastIndexOf("\r", line.length - 2) + 1);
}

function cut(text: string): string {
  return text.length > longestLine ? `${text.slice(0, longestLine)}… [cut here]` : text;
}

const format = (line: ConsoleLine): string => `${JSON.stringify(line)}\n`;

function isConsoleLine(value: unknown): value is ConsoleLine {
  return (
    isRecord(value) &&
    typeof value["time"] === "number" &&
    (value["stream"] === "stdout" || value["stream"] === "stderr") &&
    typeof value["text"] === "string"
  );
}
