import type { IndexedRun, MetricSummary } from "../../framework/store/indexedRun.ts";

/** A run as the index has it; what is not said is dull. */
export function indexedRun(change: Partial<IndexedRun> = {}): IndexedRun {
  const { id = "aaaa", name = "toy" } = change;
  return {
    key: id,
    folder: `runs/${name}/${id}`,
    source: "seedbed",
    id,
    name,
    status: "finished",
    startedAt: "2026-01-01T00:00:00.000Z",
    heartbeatAt: "2026-01-01T01:00:00.000Z",
    endedAt: "2026-01-01T01:00:00.000Z",
    durationSeconds: 3600,
    seed: 1,
    step: 100,
    config: {},
    metrics: {},
    summary: {},
    group: "g",
    sweep: null,
    tags: [],
    notes: "",
    starred: false,
    archived: false,
    title: null,
    colour: null,
    problems: [],
    ...change,
  };
}

/** A metric that fell to its last value, or rose. */
export function metricSummary(first: number, last: number, lastStep = 100): MetricSummary {
  const finite = [first, last].filter(Number.isFinite);
  const [min, max] = [Math.min(...finite), Math.max(...finite)];
  const isFalling = last < first;
  const extremes = {
    min,
    minStep: isFalling ? lastStep : 0,
    max,
    maxStep: isFalling ? 0 : lastStep,
  };
  return { last, lastStep, ...extremes, count: 2 };
}
