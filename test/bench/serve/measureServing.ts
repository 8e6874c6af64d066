import { loadavg } from "node:os";
import { parseArgs } from "node:util";

import OpenAI from "openai";

import { textTable } from "../../../framework/base/textTable.ts";
import { loadChatTemplate } from "../../../framework/tokenizers/chatTemplate.ts";
import { loadTokenizer } from "../../../framework/tokenizers/loadTokenizer.ts";
import { startServer, type BenchServer } from "../benchServer.ts";
import { median, quantile } from "../statistics.ts";
import { measureMasks } from "./measureMasks.ts";
import { promptOfLength } from "./promptOfLength.ts";
import { streamedAnswer, type StreamedAnswer } from "./streamedAnswer.ts";

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** A row: what was measured, its median, its 95th percentile, what it is to be. */
type Row = readonly [what: string, median: string, p95: string, wanted: string];

const rowOf = (what: string, values: readonly number[], wanted = ""): Row => [
  ...([what, ms(median(values)), ms(quantile(values, 0.95)), wanted] as const),
];

/**
 * `npm run bench -- serve [--model models/nano] [--repeats 20]`: what a client of `seedbed serve` waits
 * for, by the clock, with client and server on the same machine.
 */
export async function measureServing(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: "string", default: "models/nano" },
      repeats: { type: "string", default: "20" },
    },
  });
  const { model } = values;
  const repeats = Number(values.repeats);
  const command = ["serve", `measured=${model}`];
  const rows: Row[] = [];
  const starts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const server = await startServer(command);
    starts.push(server.startMs);
    await server.stop();
  }
  rows.push(rowOf("start, until it listens", starts, "<= 2000 ms"));
  const server = await startServer(command);
  const client = new OpenAI({ baseURL: server.address, apiKey: "none", maxRetries: 0 });
  try {
    rows.push(...(await measureWaits(client, model, repeats)));
    rows.push(...(await measureStreams(client, server, loadTokenizer(model).ids.end)));
  } finally {
    await server.stop();
  }
  for (const count of [1, 16]) {
    for (const each of await measureMasks(model, { rows: count })) {
      const { schemas, share, msPerToken, meanwhileMsPerToken } = each;
      const what = `masks, schemas ${schemas}, ${count} at once`;
      const wanted = schemas === "first of all" ? "" : "<= 10 %";
      rows.push([
        what,
        `${msPerToken.toFixed(3)} ms + ${meanwhileMsPerToken.toFixed(3)} meanwhile`,
        `${(100 * share).toFixed(1)} % of all`,
        wanted,
      ]);
    }
  }
  console.log(`load ${loadavg()[0]!.toFixed(1)}`);
  for (const line of textTable([["", "median", "95 %", "wanted"], ...rows], [1, 2])) {
    console.log(line);
  }
}

/** Time to the first token: of prompts that are new, and of such that were computed before. */
async function measureWaits(client: OpenAI, model: string, repeats: number): Promise<Row[]> {
  const template = loadChatTemplate(model);
  if (!template) throw new Error(`Cannot measure ${model}: it has no chat template`);
  const texts = { tokenizer: loadTokenizer(model), template };
  const rows: Row[] = [];
  let number = 1000;
  const ask = async (content: string): Promise<StreamedAnswer> =>
    streamedAnswer(client, {
      ...{ model: "measured", max_completion_tokens: 4, temperature: 0 },
      ...{ messages: [{ role: "user", content }], logit_bias: unending(texts.tokenizer.ids.end) },
    });
  for (let i = 0; i < 5; i++) await ask(promptOfLength(texts, 64, number++));
  for (const length of [16, 64, 512]) {
    const [cold, warm]: [number[], number[]] = [[], []];
    for (let i = 0; i < repeats; i++) {
      const content = promptOfLength(texts, length, number++);
      cold.push((await ask(content)).firstMs);
      const again = await ask(content);
      if (again.cachedTokens < length - 1) {
        throw new Error(`expected ${length - 1} known tokens, got ${again.cachedTokens}`);
      }
      warm.push(again.firstMs);
    }
    const wanted = length <= 64 ? "< 50 ms" : "";
    rows.push(rowOf(`first token of ${length} new tokens`, cold, wanted));
    rows.push(rowOf(`first token of ${length} known tokens`, warm, "< 50 ms"));
  }
  return rows;
}

/** How often so many ask at once; the first time is not counted. */
const rounds = 7;

/** Answers of 128 tokens, one at a time and many. */
async function measureStreams(
  client: OpenAI,
  server: BenchServer,
  end: number | undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  let alone = 0;
  for (const count of [1, 4, 16]) {
    const rates: number[] = [];
    const gaps: number[] = [];
    const processor: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const [start, spent] = [performance.now(), server.processorMs()];
      const answers = await Promise.all(
        Array.from({ length: count }, (_, stream) =>
          streamedAnswer(client, {
            ...{ model: "measured", max_completion_tokens: 128, seed: 100 * i + stream },
            messages: [{ role: "user", content: `Tell me of number ${stream}.` }],
            logit_bias: unending(end),
          }),
        ),
      );
      if (i === 0) continue;
      const tokens = answers.reduce((sum, { completionTokens }) => sum + completionTokens, 0);
      rates.push((1000 * tokens) / (performance.now() - start));
      processor.push((server.processorMs() - spent) / tokens);
      gaps.push(...answers.flatMap(({ gapsMs }) => gapsMs));
    }
    alone ||= median(rates);
    const ratio = median(rates) / alone;
    rows.push(rowOf(`between tokens, ${count} at once`, gaps));
    rows.push([
      `${count} at once`,
      `${median(rates).toFixed(0)} tokens/s, x ${ratio.toFixed(2)}`,
      `${median(processor).toFixed(2)} CPU-ms each`,
      count === 16 ? ">= x 3" : "",
    ]);
  }
  return rows;
}

/** Keeps an answer from ending before its last token. */
const unending = (end: number | undefined): Record<string, number> =>
  end === undefined ? {} : { [end]: -100 };
