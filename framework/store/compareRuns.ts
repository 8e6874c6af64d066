import path from "node:path";

import { readRegularFile } from "../base/readRegularFile.ts";
import { isRecord } from "../tracking/parameters.ts";
import { flattenSpec } from "./flatSpec.ts";
import type { Cell, IndexedRun } from "./indexedRun.ts";

/** Runs side by side. */
export interface RunComparison {
  runs: IndexedRun[];
  sections: ComparedSection[];
}

export interface ComparedSection {
  name: "config" | "environment" | "summary" | "metrics";
  /** Values in the order of the runs; null where a run has none. */
  rows: { name: string; values: Cell[]; differs: boolean }[];
}

type Values = Readonly<Record<string, Cell>>;

/** Sets settings, surroundings and results of runs against each other. */
export function compareRuns(runs: readonly IndexedRun[]): RunComparison {
  const environments = runs.map(({ folder }) => environmentOf(readManifestLoosely(folder)));
  return {
    runs: [...runs],
    sections: [
      section(
        "config",
        runs.map(({ config }) => config),
      ),
      section("environment", environments),
      section(
        "summary",
        runs.map(({ summary }) => summary),
      ),
      section(
        "metrics",
        runs.map(({ metrics }) => lastValues(metrics)),
      ),
    ],
  };
}

/** Sets surroundings of runs against each other, as their manifests have them. */
export function compareEnvironments(
  manifests: readonly Readonly<Record<string, unknown>>[],
): ComparedSection {
  return section("environment", manifests.map(environmentOf));
}

/** Empty where there is none that can be read: runs of other programs have none. */
function readManifestLoosely(folder: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(
      readRegularFile(path.join(folder, "manifest.json")).toString(),
    );
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** Rows in the order in which the runs have them. */
function section(name: ComparedSection["name"], runs: readonly Values[]): ComparedSection {
  const names = new Set(runs.flatMap((values) => Object.keys(values)));
  return {
    name,
    rows: [...names].map((row) => {
      const values = runs.map((each) => (Object.hasOwn(each, row) ? each[row]! : null));
      return { name: row, values, differs: values.some((value) => !Object.is(value, values[0])) };
    }),
  };
}

function lastValues(metrics: IndexedRun["metrics"]): Values {
  return Object.fromEntries(Object.entries(metrics).map(([name, { last }]) => [name, last]));
}

/** What a run's numbers may depend on besides its spec. */
function environmentOf(manifest: Readonly<Record<string, unknown>>): Values {
  const { command, git, versions, host, environment, data } = manifest;
  const words = Array.isArray(command) ? command.join(" ") : null;
  return flattenSpec({ command: words, git, host, versions, environment, data });
}
