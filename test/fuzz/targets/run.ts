import { writeFileSync } from "node:fs";
import path from "node:path";

import { openConsole, openSystem } from "../../../framework/store/media/openRecords.ts";
import { seedbedReader } from "../../../framework/store/seedbedReader.ts";
import { readRecordLines } from "../../../framework/tracking/metricsFile.ts";
import { readRunNotes } from "../../../framework/tracking/runNotes.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { readMedia } from "../readWhole.ts";
import { joined, parted, scratch } from "../scratch.ts";
import { runFiles } from "../seedRun.ts";

const files = Object.keys(runFiles).map((name) => scratch("runs", "toy", "run", name));
const folder = path.dirname(files[0]!);

/** A run's own files: manifest, records, spec, notes, console and system. */
export const target: FuzzTarget = {
  name: "run",
  covers: ["framework/store/", "framework/tracking/"],
  seeds: [joined(Object.values(runFiles))],
  words: ['"metrics":{', '{"kind":"', "\n", '"-Infinity"', '"step":', '"resumes":[', '"status":"'],
  run(input) {
    for (const [i, text] of parted(input, files.length).entries()) writeFileSync(files[i]!, text);
    const entry = seedbedReader.readEntry(folder, {
      earlier: undefined,
      nowMs: 1e12,
      cacheFolder: null,
    });
    const place = { folder, source: "seedbed" } as const;
    const printed = openConsole(place).look().answer({ after: 0, limit: 100, search: "" });
    const system = openSystem(place).look();
    const curves = system.names().map((name) => system.values(name));
    const rest = [readMedia(place), printed, curves, readRunNotes(folder)];
    return [entry, rest, readRecordLines(files[1]!)];
  },
};
