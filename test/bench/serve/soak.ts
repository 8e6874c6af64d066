/**
 * @file `npm run soak:serve -- --minutes 30 [--model models/nano]`: asks a server for that long, amiss at
 * times, and fails if memory goes on growing, or an answer is an error of the server's own. Without a
 * model a tiny one is made, which sees pictures, too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { RandomStream } from "../../../framework/base/random.ts";
import { createServer } from "../../../framework/serve/createServer.ts";
import { LanguageService } from "../../../framework/serve/languageService.ts";
import { writeSeeingModel } from "../../support/servedModel.ts";
import { median } from "../statistics.ts";
import { soakRequests } from "./soakRequests.ts";

/** Clients that ask at the same time. */
const clients = 6;
/** Caches and the compiler's own memory have their size after this share of the time. */
const settled = 0.3;
/** Of resident memory and the heap after that, in a run of so many minutes. */
const allowedGrowth = (minutes: number): number => (minutes >= 30 ? 0.02 : 0.1);
const measureEveryMs = 1000;

interface Sample {
  readonly elapsedMs: number;
  readonly residentMb: number;
  readonly heapMb: number;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, model: { type: "string" } },
});
const minutes = Number(values.minutes);
const durationMs = minutes * 60_000;
if (!(durationMs > 0)) {
  throw new Error(`Cannot soak: expected --minutes above 0, got ${values.minutes}`);
}
const { gc } = globalThis;
if (!gc) {
  throw new Error(
    "Cannot soak: expected node --expose-gc, so that garbage is not taken for growth",
  );
}

const folder = mkdtempSync(path.join(tmpdir(), "soak-"));
if (values.model === undefined) await writeSeeingModel(path.join(folder, "model"));
const service = LanguageService.open(values.model ?? path.join(folder, "model"), {
  ...{ name: "nano", rows: 4 },
  ...{ prefixBytes: 2 ** 22, pictureBytes: 2 ** 22, constraintBytes: 2 ** 22 }, // full long before the time is over
});
fillTokenizer();
const warned: string[] = [];
const app = createServer({
  ...{ services: [service], warn: (line) => warned.push(line) },
  responseStore: { folder: path.join(folder, "responses"), mostResponses: 200 },
});
const url = await app.listen({ host: "127.0.0.1", port: 0 });

const startMs = performance.now();
const elapsed = (): number => performance.now() - startMs;
const statuses = new Map<string, number>();
const samples: Sample[] = [];
const timer = setInterval(() => samples.push(measure()), measureEveryMs);
await Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
clearInterval(timer);
const seconds = elapsed() / 1000;
const { completionTokens, promptTokens, running, waiting } = await idle();
await app.close();
await service.close();
rmSync(folder, { recursive: true });
report();

/** The tokenizer's package remembers 10,000 words, which what is asked and answered has in hours alone. */
function fillTokenizer(): void {
  for (let number = 0; number < 10_000; number++) {
    const letters = number.toString(26).replaceAll(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)]!);
    service.tokenizer.encode(` ${letters}`);
  }
}

/** One client's requests, one after the other, until the time is over. */
async function ask(client: number): Promise<void> {
  for (let number = 0; elapsed() < durationMs; number++) {
    const random = new RandomStream(client, "requests", number);
    const request = soakRequests[random.integer(soakRequests.length)]!;
    const outcome = await request
      .send(url, random)
      .catch((error: unknown) => `failed: ${String(error)}`);
    const name = `${request.name}: ${outcome}`;
    statuses.set(name, (statuses.get(name) ?? 0) + 1);
  }
}

function measure(): Sample {
  gc!();
  const { rss, heapUsed } = process.memoryUsage();
  return { elapsedMs: elapsed(), residentMb: rss / 1e6, heapMb: heapUsed / 1e6 };
}

/** What the scheduler has done, when nothing is left to do. */
async function idle() {
  for (let turn = 0; turn < 600; turn++) {
    const now = service.scheduler.report();
    if (now.running + now.waiting === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return service.scheduler.report();
}

function report(): void {
  for (const [name, count] of [...statuses].toSorted(byName)) console.log(`${count}\t${name}`);
  const all = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${all} requests in ${seconds.toFixed(0)} s, ${(all / seconds).toFixed(1)} a second`);
  console.log(
    `${promptTokens} tokens in, ${completionTokens} out, ${(completionTokens / seconds).toFixed(0)} a second`,
  );
  const problems = [
    ...warned,
    ...[...statuses.keys()].filter((name) => / (5\d\d|failed)/.test(name)),
    ...(running + waiting > 0
      ? [`${running} texts run and ${waiting} wait, though nobody asks`]
      : []),
    ...growth("residentMb"),
    ...growth("heapMb"),
  ];
  for (const problem of problems) console.log(`PROBLEM: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a.localeCompare(b);
}

/** Compares the medians of what was in use once settled, and at the end. */
function growth(key: "residentMb" | "heapMb"): string[] {
  const later = samples.filter(({ elapsedMs }) => elapsedMs > settled * durationMs);
  const third = Math.ceil(later.length / 3);
  const from = median(later.slice(0, third).map((each) => each[key]));
  const to = median(later.slice(-third).map((each) => each[key]));
  const percent = (to / from - 1) * 100;
  const most = 100 * allowedGrowth(minutes);
  const line = `${key}: ${from.toFixed(1)} to ${to.toFixed(1)}, ${percent.toFixed(1)} % of ${most} % allowed`;
  console.log(line);
  return percent > most ? [`memory grows: ${line}`] : [];
}
