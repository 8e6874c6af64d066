import { readJournal } from "../../../framework/sweep/journal.ts";
import { textInput, type FuzzTarget } from "../fuzzTarget.ts";
import { inFile } from "../scratch.ts";

const write = inFile("journal", "journal.jsonl");
const at = { id: "abc", trial: 1, time: "2026-01-01T00:00:00.000Z", worker: "h-1" };
const events = [
  { ...at, event: "suggested", sweep: "s", point: { values: { lr: 1 } } },
  { ...at, event: "started" },
  { ...at, event: "decided", decision: "promoted", rung: 0, step: 3, reason: "1st of 2" },
  { ...at, event: "ended", outcome: "failed", seconds: 1.5, reason: "x", again: true },
];

/** Journals of sweeps. */
export const target: FuzzTarget = {
  name: "journal",
  covers: ["framework/sweep/journal"],
  seeds: [textInput(events.map((each) => `${JSON.stringify(each)}\n`).join(""))],
  words: ['"event":"', '"point":{', "\n", '"outcome":"'],
  run: (input) => readJournal(write(input)),
};
