/**
 * @file `npm run bench:decode -- [formats] [cache] [stream] [--steps 24] [--tokens 1048576]
 * [--window 1020] [--chunk 128] [--past 4096]`: processor time of text generation, one thread.
 *
 * - `formats`: a decoder of SmolLM2-135M's shape in each format of weights: a token after 512, and a
 *   prompt of 512.
 * - `cache`: a token after a long text, with keys and values in float32 and in 8 bits.
 * - `stream`: a text of `--tokens` tokens on a small decoder that sees the first 4 and
 *   the last `--window`. Not unless asked for: it takes some minutes.
 *
 * Processor time is the process's own: what else the machine does shows in it less than in the
 * clock's, yet does where threads share a core.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";

import { textTable } from "../../../framework/base/textTable.ts";
import { runApart } from "../runApart.ts";
import { endOnSignals } from "../scriptBundle.ts";
import { isRecord, weightFormatNames } from "./measureDecode.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "24" },
    tokens: { type: "string", default: String(2 ** 20) },
    chunk: { type: "string", default: "128" },
    window: { type: "string", default: "1020" },
    past: { type: "string", default: "4096" },
  },
});

endOnSignals();

const parts = {
  formats: [...weightFormatNames, "float32 bound"].map((format) => ({ kind: "format", format })),
  cache: ["float32", "int8"].map((cache) => ({ kind: "cache", cache, past: options.past })),
  stream: ["float32", "int8"].map((cache) => ({ kind: "stream", cache, ...options })),
};

for (const [name, requests] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (positionals.length === 0 && name === "stream") continue;
  const records: Record<string, string>[] = [];
  for (const request of requests) {
    const asked = JSON.stringify({ ...request, steps: options.steps });
    records.push(await runApart("decode/measureDecode.ts", [asked], isRecord));
    console.error(Object.values(records.at(-1)!).join("  "));
  }
  const heads = Object.keys(records[0]!);
  const rows = [heads, ...records.map((record) => heads.map((head) => record[head] ?? ""))];
  console.log(`\n${name} (load ${loadavg()[0]!.toFixed(1)})`);
  for (const line of textTable(rows, [1, 2, 3, 4, 5, 6, 7])) console.log(line);
}
