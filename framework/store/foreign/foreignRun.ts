import type { ConsoleLine } from "../../tracking/consoleLog.ts";
import type { RunManifest } from "../../tracking/runManifest.ts";
import type { SystemRecord } from "../../tracking/systemLog.ts";
import type { BytePlace, MediaContent } from "../media/runMedia.ts";
import type { PointListener } from "../pointReader.ts";

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
  /** What is known of code, machine and command. */
  readonly surroundings: ForeignSurroundings;
  /** Uncommitted changes when it started; "" without. */
  readonly gitPatch: string;
  /** Seconds since 1970; NaN where nobody says. */
  readonly startSeconds: number;
  /** How it ended; undefined where nobody says. */
  readonly outcome: "finished" | "failed" | undefined;
  readonly problems: readonly string[];
  /** Problems only if the run has ended: a process that writes may be about to mend them. */
  readonly unfinished: readonly string[];
  /** Gives all that was logged, in order. */
  readPoints(listener: ForeignListener): void;
  /** What was printed. */
  readConsole(): readonly ConsoleLine[];
  /** What the machine was doing. */
  readSystem(): readonly SystemRecord[];
  /** Files that belong to the run, without those that its media are. */
  files(): readonly ForeignFile[];
}

export type ForeignSurroundings = Partial<
  Pick<RunManifest, "git" | "versions" | "command" | "exitCode">
> & { readonly host?: Partial<RunManifest["host"]> };

export interface ForeignListener extends Pick<PointListener, "point"> {
  media?(item: ForeignMedia): void;
  /** Something that cannot be read or shown, for a person. */
  leftOut?(problem: string): void;
}

/**
 * What a run has logged besides scalars, at one step under one key. Its content stays where it is
 * until somebody asks for it.
 */
export type ForeignMedia = ForeignMoment & (ForeignPictures | ForeignContent);

export interface ForeignMoment {
  readonly key: string;
  readonly step: number;
  /** NaN where it is not known. */
  readonly epoch: number;
  /** Seconds since 1970; NaN where it is not known. */
  readonly time: number;
}

export interface ForeignPictures {
  readonly kind: "images";
  /** @throws {InputError} when they are damaged */
  pictures(): readonly ForeignPicture[];
}

/** Of every other kind. */
export interface ForeignContent {
  readonly kind: MediaContent["kind"];
  /** @throws {InputError} when it is missing or damaged */
  read(): MediaContent;
}

export interface ForeignPicture {
  /** What addresses call it: 32 hexadecimal digits and its ending. Another content has another. */
  readonly id: string;
  /** In notices. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly caption?: string;
  /** How the SHA-256 of its content shall begin, hexadecimal, where that is known. */
  readonly sha256?: string;
  /** @throws {InputError} when it is missing, or lies outside the run's folder */
  place(): BytePlace;
}

export interface ForeignFile {
  /** With forward slashes. */
  readonly name: string;
  /** @throws {InputError} when it is missing, or lies outside the run's folder */
  place(): BytePlace;
}

/** How runs of one program are read. */
export interface ForeignFormat {
  /** Differs when something was written. */
  stamp(folder: string): string;
  /** @throws {InputError} when the folder is none of the format's */
  read(folder: string): ForeignRun;
}
