import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { encodePng, rgbImage } from "../../../framework/data/image.ts";

const steps = [100, 200, 300, 400, 500];
const pictures = 4;
const side = 32;
const printedLines = 3000;
const systemPoints = 200;

/**
 * Writes what a run leaves besides its numbers: pictures, a text, a histogram, a table and a
 * precision-recall curve at five steps, what it printed, and how busy its machine was.
 *
 * @param start seconds since 1970
 */
export async function writeMedia(folder: string, start: number): Promise<void> {
  const lines: string[] = [];
  for (const step of steps) {
    const head = { step, epoch: step / 100, wallTimeSeconds: start + step };
    const images = [];
    for (let i = 0; i < pictures; i++) images.push(await writePicture(folder, step, i));
    const records = [{ kind: "images", key: "samples", images }, ...recordsAt(step)];
    lines.push(...records.map(({ kind, ...rest }) => JSON.stringify({ kind, ...head, ...rest })));
  }
  appendFileSync(path.join(folder, "metrics.jsonl"), `${lines.join("\n")}\n`);
  writeLines(folder, "console.jsonl", printedLines, (i) => ({
    time: start + i,
    stream: i % 100 === 99 ? "stderr" : "stdout",
    text: i % 100 === 99 ? `warning <b>${i}</b>: the loss rises` : `step ${i} of ${printedLines}`,
  }));
  writeLines(folder, "system.jsonl", systemPoints, (i) => ({
    time: start + 10 * i,
    metrics: { cpu: 50 + 40 * Math.sin(i / 9), "memory.percent": 30 + i / 10, "disk.percent": 41 },
  }));
  writeFileSync(path.join(folder, "git.patch"), patch);
}

const patch = `--- a/train.ts
+++ b/train.ts
@@ -1 +1 @@
-const rate = 0.1;
+const rate = 0.01;
`;

/** The later the step, the brighter. */
async function writePicture(folder: string, step: number, index: number): Promise<object> {
  const pixels = new Uint8Array(3 * side * side).map(
    (_, i) => step / 2 - (i % 3 === index ? 60 : 0),
  );
  const png = await encodePng(rgbImage(side, side, pixels));
  const file = `media/samples_${String(step).padStart(8, "0")}_${index}.png`;
  mkdirSync(path.join(folder, "media"), { recursive: true });
  writeFileSync(path.join(folder, file), png);
  const sha256 = createHash("sha256").update(png).digest("hex");
  return { file, width: side, height: side, sha256, caption: `sample ${index} <i>at ${step}</i>` };
}

function recordsAt(step: number): { kind: string }[] {
  const counts = Array.from({ length: 64 }, (_, i) =>
    Math.round(1000 * Math.exp(-(((i - 32 - step / 50) / (20 - step / 50)) ** 2))),
  );
  const edges = Array.from({ length: 65 }, (_, i) => (i - 32) / 16);
  const recall = Array.from({ length: 11 }, (_, i) => 1 - i / 10);
  const precision = recall.map((each) => 1 - (each * 100) / step);
  const rows = [0, 1, 2].map((i) => [`image ${i}`, step * i, i % 2 === 0]);
  return [
    { kind: "text", ...{ key: "notes", text: `# Step ${step}\n\n<script>alert(1)</script>` } },
    { kind: "histogram", ...{ key: "weights/first", edges, counts } },
    { kind: "table", ...{ key: "predictions", columns: ["input", "score", "right"], rows } },
    { kind: "prCurve", ...{ key: "detector", precision, recall, thresholds: recall.toReversed() } },
  ];
}

function writeLines(
  folder: string,
  name: string,
  count: number,
  lineOf: (index: number) => object,
): void {
  const lines = Array.from({ length: count }, (_, i) => JSON.stringify(lineOf(i)));
  writeFileSync(path.join(folder, name), `${lines.join("\n")}\n`);
}
