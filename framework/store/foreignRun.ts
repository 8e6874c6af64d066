import type { PointListener } from "./pointReader.ts";

/** A run that another program has left, or the files for another program that this one wrote. */
export interface ForeignRun {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly notes: string;
  readonly tags: readonly string[];
  /** Runs that belong together; null where nobody says. */
  readonly group: string | null;
  readonly sweepId: string | null;
  /** Settings, nested. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly summary: Readonly<Record<string, unknown>>;
  /** Seconds since 1970; NaN where nobody says. */
  readonly startSeconds: number;
  /** How it ended; undefined where nobody says. */
  readonly outcome: "finished" | "failed" | undefined;
  readonly problems: readonly string[];
  /** Gives all scalars in order. */
  readPoints(listener: Pick<PointListener, "point">): void;
}

/** How runs of one program are read. */
export interface ForeignFormat {
  /** Differs when something was written. */
  stamp(folder: string): string;
  /** @throws {InputError} when the folder is none of the format's */
  read(folder: string): ForeignRun;
}
