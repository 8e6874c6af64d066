import { DecodeEngine, type DecodeEngineOptions } from "seedbed";

import { likeliest } from "../evaluation/likeliest.ts";

/** What a request costs: a prompt, and what is said to it. */
export interface Speed {
  /** Wall time from the prompt to the first token that is said. */
  readonly firstTokenMs: number;
  readonly firstTokenCpuMs: number;
  /** Of each further token. */
  readonly tokenMs: number;
  readonly tokenCpuMs: number;
}

export interface MeasureSpeedOptions {
  readonly models: readonly { readonly name: string; readonly engine: DecodeEngineOptions }[];
  /** Ids that each model is given. */
  readonly prompt: readonly number[];
  /** Tokens that are said after the first. */
  readonly length: number;
  /** How often each request is made; the least of each number counts. */
  readonly repeats: number;
  /** Default: as many as this process computes with. */
  readonly threads?: number;
  readonly onRepeat?: (done: number) => void;
}

/**
 * Times requests on models one after the other, again and again, so that what else the machine does
 * disturbs them alike. What is said does not matter: it goes on whatever is said.
 *
 * @returns for each model, by its name
 */
export async function measureSpeed({
  models,
  prompt,
  length,
  repeats,
  threads,
  onRepeat,
}: MeasureSpeedOptions): Promise<Map<string, Speed>> {
  const capacity = prompt.length + length + 1;
  const engines = models.map(
    ({ engine }) => new DecodeEngine({ ...engine, capacity, ...(threads && { threads }) }),
  );
  const least = new Map<string, Speed>();
  try {
    for (const engine of engines) await request(engine, prompt, Math.min(length, 4)); // warm up
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const [i, engine] of engines.entries()) {
        const { name } = models[i]!;
        least.set(name, lesser(await request(engine, prompt, length), least.get(name)));
      }
      onRepeat?.(repeat + 1);
    }
    return least;
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}

async function request(
  engine: DecodeEngine,
  prompt: readonly number[],
  length: number,
): Promise<Speed> {
  await engine.reset(0);
  const first = startTimer();
  let token = likeliest(await engine.prefill(0, prompt));
  const afterFirst = first();
  const others = startTimer();
  for (let i = 0; i < length; i++) token = likeliest(await engine.prefill(0, [token]));
  const { wallMs, cpuMs } = others();
  return {
    firstTokenMs: afterFirst.wallMs,
    firstTokenCpuMs: afterFirst.cpuMs,
    tokenMs: wallMs / length,
    tokenCpuMs: cpuMs / length,
  };
}

function startTimer(): () => { wallMs: number; cpuMs: number } {
  const startedMs = performance.now();
  const started = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(started);
    return { wallMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 };
  };
}

export function lesser(a: Speed, b: Speed = a): Speed {
  return {
    firstTokenMs: Math.min(a.firstTokenMs, b.firstTokenMs),
    firstTokenCpuMs: Math.min(a.firstTokenCpuMs, b.firstTokenCpuMs),
    tokenMs: Math.min(a.tokenMs, b.tokenMs),
    tokenCpuMs: Math.min(a.tokenCpuMs, b.tokenCpuMs),
  };
}

/** Processor seconds for a million tokens, read and said together, of requests of these lengths. */
export function costOfMillion(
  { firstTokenCpuMs, tokenCpuMs }: Speed,
  { prompt, length }: { readonly prompt: number; readonly length: number },
): number {
  const cpuSeconds = (firstTokenCpuMs + length * tokenCpuMs) / 1000;
  return (1e6 * cpuSeconds) / (prompt + 1 + length);
}
