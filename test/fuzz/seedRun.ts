import type { ConsoleLine } from "../../framework/tracking/consoleLog.ts";
import { formatRecord, type RunRecord } from "../../framework/tracking/metricsFile.ts";

const times = { startedAt: "2026-01-01T00:00:00.000Z", heartbeatAt: "2026-01-01T00:00:00.000Z" };
const manifest = {
  ...{ formatVersion: 1, id: "run", name: "toy", specSha256: "0", status: "finished", seed: 1 },
  ...{ ...times, data: {}, summary: { a: 1 }, host: {}, versions: {}, command: [], resumes: [] },
  artifacts: [{ name: "m", type: "model", path: "../x", direction: "output" }],
  sweep: { id: "s", name: "toy", trial: 1, group: "g", parameters: { "trainer.maxSteps": 3 } },
};
const at = { step: 3, epoch: 0.5, wallTimeSeconds: 1_767_225_600 };
const image = { file: "media/a.png", sha256: "a".repeat(64), width: 1, height: 1 };
const told = { truePositives: [1], falsePositives: [0], trueNegatives: [1], falseNegatives: [0] };
const records: readonly RunRecord[] = [
  { kind: "metrics", ...at, metrics: { loss: 1.5, b: NaN } },
  { kind: "images", ...at, key: "s", images: [image] },
  { kind: "histogram", ...at, key: "h", edges: [0, 1], counts: [2] },
  { kind: "table", ...at, key: "t", columns: ["a"], rows: [[1]] },
  { kind: "text", ...at, key: "x", text: "t" },
  { kind: "prCurve", ...at, key: "p", ...told, precision: [1], recall: [0] },
];
const printed: ConsoleLine = { time: 1, stream: "stdout", text: "a line in red" };

/** A run's files, by their names. */
export const runFiles: Readonly<Record<string, string>> = {
  "manifest.json": JSON.stringify(manifest),
  "metrics.jsonl": records.map(formatRecord).join(""),
  "spec.yaml": "name: toy\ntrainer: { maxSteps: 3 }\n",
  "notes.json": '{"tags":["a"],"notes":"n","starred":true}',
  "console.jsonl": `${JSON.stringify(printed)}\n`,
  "system.jsonl": '{"time":1,"metrics":{"cpu":0.5,"memory":"NaN"}}\n',
  "media/a.png": "a picture",
};
