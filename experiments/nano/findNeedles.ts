/**
 * @file `npx tsx experiments/nano/findNeedles.ts MODEL DATA OUT [LENGTHS] [full|streaming]` asks a
 * model's folder for facts in long texts; DATA is a folder that `buildData.ts` made. Writes
 * OUT.md and OUT.json after each cell, so that it may be interrupted.
 */
import {
  DecodeEngine,
  loadTokenizer,
  readDecoderConfig,
  readModelFolder,
  writeFileAtomic,
} from "seedbed";

import { endOfText } from "./data/chat.ts";
import { readDocuments } from "./data/documentFiles.ts";
import { needleGrid, needleTable, type NeedleCell } from "./needle/needleGrid.ts";

const [model, data, out, lengths = "1024,2048,4096", attention = "full"] = process.argv.slice(2);
if (!model || !data || !out || !["full", "streaming"].includes(attention)) {
  throw new Error("Cannot find needles: expected MODEL DATA OUT [LENGTHS] [full|streaming]");
}
const controller = new AbortController();
process.once("SIGINT", () => controller.abort(new Error("interrupted")));
const { config, tensors } = readModelFolder(model);
const sizes = lengths.split(",").map(Number);
const engine = new DecodeEngine({
  config: readDecoderConfig(config),
  weights: tensors,
  capacity: Math.max(...sizes) + 64,
  ...(attention === "streaming" && { streaming: { sinks: 4, window: 1020 } }),
});
const cells: NeedleCell[] = [];
const tokenizer = loadTokenizer(model);
const end = tokenizer.idOf(endOfText);
await needleGrid({
  engine,
  tokenizer,
  haystack: readDocuments(data, "prose-test").ids.filter((id) => id !== end),
  ...{ lengths: sizes, depths: [0, 0.25, 0.5, 0.75, 1], trials: 5, seed: 0 },
  signal: controller.signal,
  onCell(cell) {
    cells.push(cell);
    console.log(`${cell.length} tokens, depth ${cell.depth}: ${cell.found} of ${cell.trials}`);
    writeFileAtomic(`${out}.json`, `${JSON.stringify({ model, attention, cells })}\n`);
    writeFileAtomic(`${out}.md`, `${needleTable(cells)}\n`);
  },
});
await engine.dispose();
