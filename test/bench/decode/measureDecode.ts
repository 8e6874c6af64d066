/** @file One measurement of `npm run bench:decode`, in a process of its own. */
import { DecodeEngine } from "../../../framework/decode/decodeEngine.ts";
import { weightFormats, type WeightFormatName } from "../../../framework/decode/weightFormats.ts";
import { peakMb } from "../peakMb.ts";
import { quantile } from "../statistics.ts";
import { flatCacheScales, randomTokens, randomWeights, shapes } from "./randomDecoder.ts";

export const weightFormatNames: readonly WeightFormatName[] = [
  "float32",
  "int8",
  "int8Blocks",
  "int4",
  "int4Small",
];

export function isRecord(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((each) => typeof each === "string")
  );
}

interface Request {
  readonly kind: "format" | "cache" | "stream";
  readonly format?: string;
  readonly cache?: "float32" | "int8";
  readonly steps: string;
  readonly past?: string;
  readonly tokens?: string;
  readonly window?: string;
  readonly chunk?: string;
}

type Row = Record<string, string>;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

async function costOf(action: () => Promise<unknown>): Promise<Cost> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await action();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall };
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Median and least of a token's processor time, and the median of the clock's. */
async function stepCosts(engine: DecodeEngine, steps: number): Promise<string[]> {
  const costs: Cost[] = [];
  for (let i = 0; i < steps + 3; i++) {
    const cost = await costOf(() => engine.step([{ row: 0, token: (i * 37) % 4096 }]));
    if (i >= 3) costs.push(cost); // the first runs take memory
  }
  const cpu = costs.map(({ cpuMs }) => cpuMs);
  const wall = costs.map(({ wallMs }) => wallMs);
  return [quantile(cpu, 0.5), quantile(cpu, 0), quantile(wall, 0.5)].map((ms) => ms.toFixed(1));
}

async function measureFormat({ format: named = "float32", steps }: Request): Promise<Row> {
  const config = shapes["135m"];
  const [name = "", bound] = named.split(" ");
  const format = weightFormatNames.find((each) => each === name)!;
  const weights = randomWeights(config);
  let engine: DecodeEngine | undefined;
  const load = await costOf(async () => {
    engine = new DecodeEngine({
      config,
      weights,
      format: weightFormats[format],
      floatWeights: bound ? "bound" : "packed",
      capacity: 1100,
      threads: 1,
    });
  });
  const made = engine!;
  const tokens = randomTokens(512, config);
  await made.prefill(0, tokens.slice(0, 128));
  await made.reset(0);
  const prefill = await costOf(() => made.prefill(0, tokens));
  const [median = "", least = "", wall = ""] = await stepCosts(made, Number(steps));
  const { sharedWeightBytes, modelBytes } = made.memory();
  await made.dispose();
  return {
    weights: named,
    "CPU ms/token": median,
    least,
    "wall ms": wall,
    "CPU ms/512": prefill.cpuMs.toFixed(0),
    "weights MB": mb(sharedWeightBytes + modelBytes),
    "load s": (load.cpuMs / 1000).toFixed(1),
    "peak MB": peakMb().toFixed(0),
  };
}

async function measureCache({ cache, past = "4096", steps }: Request): Promise<Row> {
  const config = shapes["135m"];
  const engine = new DecodeEngine({
    config,
    weights: randomWeights(config),
    format: "int8",
    capacity: Number(past) + 200,
    threads: 1,
    ...(cache === "int8" && { cacheScales: flatCacheScales(config) }),
  });
  const prefill = await costOf(() => engine.prefill(0, randomTokens(Number(past), config)));
  const [median = "", least = "", wall = ""] = await stepCosts(engine, Number(steps));
  const { cacheBytes } = engine.memory();
  await engine.dispose();
  return {
    cache: cache!,
    past,
    "CPU ms/token": median,
    least,
    "wall ms": wall,
    "prefill CPU s": (prefill.cpuMs / 1000).toFixed(1),
    "cache MB": mb(cacheBytes),
    "peak MB": peakMb().toFixed(0),
  };
}

/** Most of the text in chunks, then tokens one by one. */
async function measureStream({ cache, window, tokens, chunk, steps }: Request): Promise<Row> {
  const config = shapes.nano;
  const streaming = { sinks: 4, window: Number(window) };
  const engine = new DecodeEngine({
    config,
    weights: randomWeights(config),
    format: "int8",
    chunk: Number(chunk),
    streaming,
    threads: 1,
    ...(cache === "int8" && { cacheScales: flatCacheScales(config) }),
  });
  const part = randomTokens(4096, config);
  const count = Number(tokens) - Number(steps) - 3;
  const read = await costOf(async () => {
    for (let done = 0; done < count; done += part.length) {
      await engine.prefill(0, part.slice(0, count - done));
    }
  });
  const [median = "", least = "", wall = ""] = await stepCosts(engine, Number(steps));
  const [length, { cacheBytes }] = [engine.length(0), engine.memory()];
  await engine.dispose();
  return {
    cache: cache!,
    tokens: String(length),
    "tokens/CPU s": ((1000 * count) / read.cpuMs).toFixed(0),
    "tokens/s": ((1000 * count) / read.wallMs).toFixed(0),
    "CPU ms/token at the end": median,
    least,
    "wall ms": wall,
    "cache MB": mb(cacheBytes),
    "peak MB": peakMb().toFixed(0),
  };
}

const measures = { format: measureFormat, cache: measureCache, stream: measureStream };

if (process.argv[1] === import.meta.filename) {
  const request: Request = JSON.parse(process.argv[2]!);
  process.send?.(await measures[request.kind](request));
}
