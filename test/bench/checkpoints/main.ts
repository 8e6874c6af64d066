/**
 * @file `npm run bench:checkpoints -- [--gigabytes 1] [--saves 3]`: how long a fit stands still while a
 * checkpoint is saved, written at once and by a thread. Fails where the thread's part of the time that
 * writing takes is more than a tenth.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { markdownTable } from "../table.ts";
import { measureSaves, type SaveTimes } from "./measureSaves.ts";

/** Part of the time of writing that training may stand still. */
const mostBlocked = 0.1;

const { values } = parseArgs({
  options: {
    gigabytes: { type: "string", default: "1" },
    saves: { type: "string", default: "3" },
    folder: { type: "string", default: tmpdir() },
  },
});
const [bytes, saves] = [Number(values.gigabytes) * 1e9, Number(values.saves)];
const folder = mkdtempSync(path.join(values.folder, "seedbed-checkpoints-"));
try {
  const threaded = await measureSaves({ bytes, saves, folder, async: true });
  const atOnce = await measureSaves({ bytes, saves, folder, async: false });
  const row = (name: string, number: number, { blockedMs, writeMs }: SaveTimes): string[] => [
    name,
    String(number),
    blockedMs.toFixed(0),
    writeMs.toFixed(0),
    `${((100 * blockedMs) / writeMs).toFixed(1)} %`,
  ];
  console.log(
    markdownTable(
      ["written", "save", "training stands still, ms", "until it is durable, ms", "part"],
      [
        ...atOnce.map((times, i) => row("at once", i + 1, times)),
        ...threaded.map((times, i) => row("by a thread", i + 1, times)),
      ],
    ),
  );
  const slow = threaded.filter(({ blockedMs, writeMs }) => blockedMs > mostBlocked * writeMs);
  if (slow.length > 0) {
    console.error(`${slow.length} saves block training for more than ${100 * mostBlocked} %`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
