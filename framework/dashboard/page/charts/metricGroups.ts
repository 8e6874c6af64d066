/** Metrics whose names have the same first part. */
export interface MetricGroup {
  readonly name: string;
  readonly metrics: readonly string[];
}

/** `train/loss` and `train/accuracy` belong to `train`; names without a slash come first. */
export function metricGroups(metrics: readonly string[], search: string): MetricGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, string[]>();
  for (const metric of metrics) {
    const lower = metric.toLowerCase();
    if (!words.every((word) => lower.includes(word))) continue;
    const name = groupOf(metric);
    const group = groups.get(name);
    if (group) group.push(metric);
    else groups.set(name, [metric]);
  }
  return [...groups]
    .map(([name, found]) => ({ name, metrics: found.toSorted(inOrder) }))
    .toSorted((a, b) => groupPlace(a.name) - groupPlace(b.name) || inOrder(a.name, b.name));
}

/** The first part of a metric's name; "" without a slash. */
export function groupOf(metric: string): string {
  return metric.slice(0, Math.max(0, metric.indexOf("/")));
}

const first = ["", "train", "val", "test"];

/** Where a group stands: what people look at first comes first. */
export function groupPlace(name: string): number {
  const found = first.indexOf(name);
  return found < 0 ? first.length : found;
}

const { compare: inOrder } = new Intl.Collator("en", { numeric: true });
