import path from "node:path";

import { JournalReader, type DecidedEvent, type JournalEvent } from "./journal.ts";
import { readTrialRecord, type TrialRecord } from "./trialRecord.ts";

/** A point of a sweep that does not follow from its file. */
export type NotedPoint = JournalEvent & { readonly event: "suggested" | "added" };

/** Where a sweep keeps its runs: `<runs>/<name>/`, with a journal beside them. */
export class SweepFolder {
  readonly path: string;
  readonly journalFile: string;
  readonly #reader: JournalReader;
  readonly #events = new Map<string, JournalEvent[]>();
  /** Those of all trials that have them, of any sweep; there may be very many trials. */
  readonly #noted: NotedPoint[] = [];
  /** Trials whose last event is their start. */
  readonly #begun = new Set<string>();
  /** Workers whose runs are elsewhere, as far as that is known. */
  #elsewhere: (worker: string) => boolean = () => false;
  /** Events that are not in the journal yet. */
  readonly #drafts: JournalEvent[] = [];

  /**
   * Reads the journal, if there is one.
   *
   * @throws {InputError} when it is damaged
   */
  constructor(runsFolder: string, name: string) {
    this.path = path.join(runsFolder, name);
    this.journalFile = path.join(this.path, "sweep.jsonl");
    this.#reader = new JournalReader(this.journalFile);
    this.refresh();
  }

  /** Reads what the journal has got since it was read. */
  refresh(): void {
    for (const event of this.#reader.read()) this.#note(event);
  }

  /** Learns who lives whose runs are not in this folder: what they have begun counts as running. */
  know(elsewhere: (worker: string) => boolean): void {
    this.#elsewhere = elsewhere;
  }

  /** Takes in an event that may yet come into the journal. */
  draft(event: JournalEvent): void {
    this.#drafts.push(event);
    this.#note(event);
  }

  /** Forgets all drafts, and reads the journal, which has those that came to be. */
  settle(): void {
    for (const event of this.#drafts.splice(0)) {
      const { id } = event;
      remove(this.#events.get(id) ?? [], event);
      remove(this.#noted, event);
      this.#placeBegun(id);
    }
    this.refresh();
  }

  /** How long the journal is, as far as it was read. */
  get journalBytes(): number {
    return this.#reader.bytes;
  }

  lastEvent(id: string): JournalEvent | undefined {
    return this.#events.get(id)?.at(-1);
  }

  /** The starts that nothing has followed: of trials that run, or whose worker is gone. */
  openStarts(): JournalEvent[] {
    return [...this.#begun].flatMap((id) => this.lastEvent(id) ?? []);
  }

  /** The last start of a trial, whoever did it. */
  lastStart(id: string): JournalEvent | undefined {
    return this.#events.get(id)?.findLast(({ event }) => event === "started");
  }

  /** Trials whose last try has failed. */
  failedTrials(): string[] {
    const last = [...this.#events.values()].flatMap((events) => events.at(-1) ?? []);
    return last.flatMap((each) =>
      each.event === "ended" && each.outcome === "failed" ? [each.id] : [],
    );
  }

  /** Folder of a trial's run. */
  runFolder(id: string): string {
    return path.join(this.path, id);
  }

  /** Points that a searcher has chosen for a sweep or that were added to it, in their order. */
  suggestions(sweepId: string): NotedPoint[] {
    return this.#points(sweepId, ["suggested", "added"]);
  }

  /** Points that were added to a sweep, in their order. */
  additions(sweepId: string): NotedPoint[] {
    return this.#points(sweepId, ["added"]);
  }

  #points(sweepId: string, kinds: readonly NotedPoint["event"][]): NotedPoint[] {
    return this.#noted
      .filter(({ sweep, event }) => sweep === sweepId && kinds.includes(event))
      .toSorted((a, b) => a.trial - b.trial);
  }

  /** What is known of a trial: the state of its run's folder, and the events that were noted. */
  record(id: string): TrialRecord {
    const record = readTrialRecord(this.runFolder(id), this.#events.get(id) ?? []);
    const { event, worker = "" } = this.lastEvent(id) ?? {};
    const isRunning = event === "started" && this.#elsewhere(worker);
    return isRunning && record.status === "interrupted" ? { ...record, status: "running" } : record;
  }

  /** What was decided on a trial where it had paused, in order. */
  decisions(id: string): DecidedEvent[] {
    return (this.#events.get(id) ?? []).filter((each) => each.event === "decided");
  }

  #placeBegun(id: string): void {
    if (this.lastEvent(id)?.event === "started") this.#begun.add(id);
    else this.#begun.delete(id);
  }

  #note(event: JournalEvent): void {
    if (event.event === "suggested" || event.event === "added") this.#noted.push(event);
    const events = this.#events.get(event.id);
    if (events) events.push(event);
    else this.#events.set(event.id, [event]);
    this.#placeBegun(event.id);
  }
}

function remove(events: JournalEvent[], event: JournalEvent): void {
  const at = events.findLastIndex((each) => each === event);
  if (at >= 0) events.splice(at, 1);
}
