import type { RunSource } from "./indexedRun.ts";
import type { RunReader } from "./runReader.ts";
import { seedbedReader } from "./seedbedReader.ts";

/** Readers of runs, by the program that wrote them. */
export const runReaders: ReadonlyMap<RunSource, RunReader> = new Map([["seedbed", seedbedReader]]);
