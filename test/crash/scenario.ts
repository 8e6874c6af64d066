import type { FileKind } from "./faults/fault.ts";

/** Folders of a series of breaks. */
export interface Place {
  /** Of all runs. */
  readonly runs: string;
  /** Of this round of the scenario: no other round has it. */
  readonly name: string;
  /** For files that are not looked at. */
  readonly notes: string;
}

/** Something that is carried out by processes which are killed again and again until one ends. */
export interface Scenario {
  readonly name: string;
  readonly cwd: string;
  /** Whether a short budget has room for it. */
  readonly isQuick?: boolean;
  /** Whether parts of files that killed processes were writing stay, under names of their own. */
  readonly leavesParts?: boolean;
  /** Into how many processes the work of each is divided; 1 where it is absent. */
  readonly processes?: number;
  /** How often each kind of file is where it breaks; what is absent never is. */
  readonly kinds: Readonly<Partial<Record<FileKind, number>>>;
  /** The part of kills that come from a timer, between two calls. */
  readonly timers: number;
  /** What Node is to run now: something new, or the rest of what a killed process began. Undefined: all is done. */
  nextArgs(place: Place): readonly string[] | undefined;
  /** Waits until nothing changes files any more, after the process was killed. */
  settle?(place: Place): Promise<void>;
  /** Looks at what a process that was killed has left, beside its files' being whole. */
  checkLeft?(place: Place): void | Promise<void>;
  /** Everything that was found out, as text, when all is done. */
  results(
    place: Place,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Where the round's files are. */
  folder(place: Place): string;
}
