/** @file Measures a workload with all passes over its graph and without each, in turns. */
import { setTimeout as sleep } from "node:timers/promises";

import { passNames, type PassName } from "../../../framework/backend/passes.ts";
import { ortBackend, useBackend } from "../../../framework/backend/register.ts";
import { findWorkload } from "../cases/index.ts";
import { median } from "../statistics.ts";
import type { PreparedWorkload } from "../workload.ts";
import type { PassReport } from "./passReport.ts";

/** Threads go on spinning for a moment after their work. */
const pauseMs = 50;
const warmUps = 2;

/** The workload with a model of its own, recorded by its first run. */
async function prepare(workload: string, without?: PassName): Promise<PreparedWorkload> {
  const { compile } = await useBackend("ort");
  ortBackend().without = new Set(without ? [without] : []);
  const prepared = findWorkload(workload).prepare({ compile });
  for (let i = 0; i < warmUps; i++) await prepared.run();
  return prepared;
}

async function timeOf({ run, repeats }: PreparedWorkload): Promise<number> {
  await sleep(pauseMs);
  const start = performance.now();
  await run();
  return (performance.now() - start) / repeats;
}

async function measure(workload: string, rounds: number): Promise<PassReport> {
  const whole = await prepare(workload);
  const parts: { name: PassName; prepared: PreparedWorkload; ratios: number[] }[] = [];
  for (const name of passNames) {
    parts.push({ name, prepared: await prepare(workload, name), ratios: [] });
  }
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ms = await timeOf(whole);
    times.push(ms);
    for (const { prepared, ratios } of parts) ratios.push((await timeOf(prepared)) / ms);
  }
  for (const { prepared } of [{ prepared: whole }, ...parts]) prepared.dispose();
  const ratios = Object.fromEntries(parts.map((part) => [part.name, median(part.ratios)]));
  return { workload, ms: median(times), ratios };
}

const [workload = "", threads, rounds] = process.argv.slice(2);
await useBackend("ort", { threads: Number(threads) });
process.send?.(await measure(workload, Number(rounds)));
process.exit();
