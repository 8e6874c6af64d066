import { readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import type { Domain } from "../spec/distributions.ts";
import { isRecord } from "../tracking/parameters.ts";
import type { ParameterRange } from "./analysis/parameterImportance.ts";
import { variedParameters } from "./pointLabels.ts";
import type { TrialPlan } from "./trialPlan.ts";

export interface RecordedMetric {
  readonly name: string;
  readonly goal: "minimize" | "maximize";
}

/** What a sweep leaves beside its runs, so that these can be read without its file. */
export interface SweepRecord {
  readonly id: string;
  readonly name: string;
  /** As it was typed. */
  readonly file: string;
  readonly metric: RecordedMetric | null;
  /** All that trials are compared by; `metric` is the first. */
  readonly metrics: readonly RecordedMetric[];
  /** What was searched, without constants. The range of a choice, or of numbers without bounds, is null. */
  readonly parameters: readonly { readonly name: string; readonly range: ParameterRange | null }[];
}

const fileOf = (folder: string, id: string): string => path.join(folder, `sweep.${id}.json`);

/** @param folder of the sweep's runs */
export function writeSweepRecord(folder: string, record: SweepRecord): void {
  writeFileAtomic(fileOf(folder, record.id), `${JSON.stringify(record, null, 2)}\n`);
}

/** Undefined where there is none that can be read. */
export function readSweepRecord(folder: string, id: string): SweepRecord | undefined {
  if (!/^\w+$/.test(id)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(fileOf(folder, id), "utf8"));
    if (!isStored(value)) return undefined;
    return { ...value, metrics: value.metrics ?? (value.metric ? [value.metric] : []) };
  } catch {
    return undefined;
  }
}

export function sweepRecord({ id, spec }: TrialPlan, file: string): SweepRecord {
  const { name } = spec;
  const metrics = spec.objectives.map((each) => ({ name: each.name, goal: each.goal }));
  return {
    id,
    name,
    file,
    metric: metrics[0] ?? null,
    metrics,
    parameters: variedParameters(spec).map((each) => ({
      name: each.name,
      range: rangeOf(each.domain),
    })),
  };
}

function rangeOf(domain: Domain): ParameterRange | null {
  if (domain.kind === "categorical") return null;
  const { kind, min: low, max: high } = domain;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  return {
    kind: "numbers",
    low,
    high,
    isInteger: kind === "int_uniform",
    isLog: kind.includes("log"),
  };
}

/** Earlier versions left out `metrics`. */
type StoredRecord = Omit<SweepRecord, "metrics"> & Partial<Pick<SweepRecord, "metrics">>;

function isStored(value: unknown): value is StoredRecord {
  if (!isRecord(value)) return false;
  const { metric, metrics, parameters } = value;
  return (
    ["id", "name", "file"].every((key) => typeof value[key] === "string") &&
    (metric === null || isMetric(metric)) &&
    (metrics === undefined || (Array.isArray(metrics) && metrics.every(isMetric))) &&
    Array.isArray(parameters) &&
    parameters.every((each) => isRecord(each) && typeof each["name"] === "string")
  );
}

const isMetric = (value: unknown): boolean => isRecord(value) && typeof value["name"] === "string";
