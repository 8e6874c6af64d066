/** @file Recorded answers of an OpenAI-compatible server, to compare ours with. */
import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

const folder = path.resolve(import.meta.dirname, "../fixtures/serve/transcripts");

/** What was recorded of a request. */
export interface Transcript {
  readonly name: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const index: Record<string, { path: string; status: number; file: string; content_type: string }> =
  JSON.parse(readFileSync(path.join(folder, "index.json"), "utf8"));

export const transcripts: readonly Transcript[] = Object.entries(index).map(
  ([name, { path: place, status, file, content_type: contentType }]) => ({
    ...{ name, path: place, status, contentType },
    text: readFileSync(path.join(folder, file), "utf8"),
  }),
);

/** @throws {RangeError} when there is none of that name */
export function transcriptOf(name: string): Transcript {
  const found = transcripts.find((each) => each.name === name);
  if (!found) throw new RangeError(`there is no transcript ${name}`);
  return found;
}

/** An event of a stream, or a chunk, which has no name. */
export interface ToldEvent {
  readonly name: string | undefined;
  readonly data: string;
}

export const eventsOf = (text: string): ToldEvent[] =>
  text
    .split("\n\n")
    .filter((part) => part.includes("data: "))
    .map((part) => ({
      name: /^event: (.*)$/m.exec(part)?.[1],
      data: /^data: (.*)$/m.exec(part)![1]!,
    }));

/** What an event tells, apart from the text in it: its name, or a chunk's keys. */
export function kindOf({ name, data }: ToldEvent): string {
  if (name !== undefined) return name;
  if (data === "[DONE]") return data;
  const { choices, usage, error } = JSON.parse(data);
  if (error) return "error";
  if (choices.length === 0) return `usage ${Object.keys(usage).join()}`;
  const [{ delta, finish_reason: finish }] = choices;
  if (finish !== null) return `finish ${finish}`;
  if (delta.role) return "role";
  const [call] = delta.tool_calls ?? [];
  return call ? `call ${Object.keys(call).join()}` : Object.keys(delta).join();
}

/** Kinds in their order, of equal neighbours one. */
export function orderOf(events: readonly ToldEvent[]): string[] {
  const kinds = events.map(kindOf);
  return kinds.filter((kind, i) => kind !== kinds[i - 1]);
}

/** Fields that are what was asked for, or nothing. */
const mayBeNothing = [".max_output_tokens", ".content"];

/** Whether all that is recorded is in ours, of the same type; of lists the first items are compared. */
export function expectShape(ours: unknown, theirs: unknown, at: string): void {
  if (Array.isArray(theirs)) {
    expect(ours, at).to.be.an("array");
    const [[first], [other]] = [theirs, Array.from(Object(ours))];
    if (first !== undefined && other !== undefined) expectShape(other, first, `${at}[0]`);
  } else if (typeof theirs === "object" && theirs !== null) {
    expect(ours, at).to.be.an("object");
    for (const [key, each] of Object.entries(theirs)) {
      expect(ours, at).to.have.property(key);
      expectShape(Object(ours)[key], each, `${at}.${key}`);
    }
  } else if (!mayBeNothing.some((end) => at.endsWith(end))) {
    expect(ours === null ? "null" : typeof ours, at).to.equal(
      theirs === null ? "null" : typeof theirs,
    );
  }
}
