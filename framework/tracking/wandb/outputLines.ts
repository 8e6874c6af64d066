import type { ConsoleLine } from "../consoleLog.ts";
import { wellFormed } from "./json.ts";
import { outputType, secondsOf, type WandbTimestamp } from "./proto.ts";

/** Part of what a process has printed. */
export interface WandbOutput {
  readonly outputType: number;
  readonly timestamp: WandbTimestamp;
  readonly line: string;
}

/** Joins what was written to the two streams into lines; of a line that rewrites itself the last form stays. */
export class OutputLines {
  readonly #lines: ConsoleLine[] = [];
  readonly #open = new Map<number, { text: string; seconds: number }>();

  add({ outputType: type, timestamp, line }: WandbOutput): void {
    const seconds = timestamp ? secondsOf(timestamp) : 0;
    const parts = ((this.#open.get(type)?.text ?? "") + line).split("\n");
    const rest = parts.pop() ?? "";
    for (const text of parts) this.#end(type, text, seconds);
    this.#open.set(type, { text: rest, seconds });
  }

  lines(): readonly ConsoleLine[] {
    for (const [type, { text, seconds }] of this.#open) if (text) this.#end(type, text, seconds);
    this.#open.clear();
    return this.#lines;
  }

  #end(type: number, written: string, seconds: number): void {
    const whole = written.replace(/\r$/, "");
    const text = wellFormed(whole.slice(whole.lastIndexOf("\r") + 1));
    const stream = type === outputType.stderr ? "stderr" : "stdout";
    this.#lines.push({ time: seconds, stream, text });
  }
}
