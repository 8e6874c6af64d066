import type { ForeignFormat, ForeignRun } from "../foreign/foreignRun.ts";
import { readQuietly } from "../foreign/readQuietly.ts";

/** Something of another program's run, read anew when its files have changed. */
export abstract class ForeignView {
  readonly #format: ForeignFormat;
  readonly #folder: string;
  #stamp = "";

  constructor(format: ForeignFormat, folder: string) {
    this.#format = format;
    this.#folder = folder;
  }

  look(): this {
    const stamp = this.#format.stamp(this.#folder);
    if (stamp === this.#stamp) return this;
    this.#stamp = stamp;
    this.clear();
    if (stamp !== "") this.read(readQuietly(this.#format, this.#folder));
    return this;
  }

  protected abstract clear(): void;

  protected abstract read(run: ForeignRun): void;
}
