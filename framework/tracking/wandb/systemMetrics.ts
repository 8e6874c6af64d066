/** W&B counts in units of 2^20 bytes, `system.jsonl` in millions of bytes. */
const mebibytesPerMegabyte = 1e6 / 2 ** 20;

interface Renaming {
  /** Of `system.jsonl`. */
  ours: RegExp;
  /** Of W&B's system page. */
  theirs: string;
  factor?: number;
}

const renamings: readonly Renaming[] = [
  { ours: /^memory\.percent$/, theirs: "memory_percent" },
  { ours: /^process\.cpu$/, theirs: "proc.cpu.percent" },
  { ours: /^process\.memory\.(\w+)MB$/, theirs: "proc.memory.$1MB", factor: mebibytesPerMegabyte },
  { ours: /^disk\.percent$/, theirs: "disk./.usagePercent" },
  { ours: /^gpu\.(\d+)\.utilization$/, theirs: "gpu.$1.gpu" },
  { ours: /^gpu\.(\d+)\.memory\.usedMB$/, theirs: "gpu.$1.memoryAllocatedBytes", factor: 1e6 },
  { ours: /^gpu\.(\d+)\.temperatureCelsius$/, theirs: "gpu.$1.temp" },
];

/** What a machine does by the names of W&B's system page; what it has no name for keeps its own. */
export function wandbSystemMetrics(
  metrics: Iterable<readonly [string, number]>,
): Map<string, number> {
  return new Map(Array.from(metrics, ([name, value]) => rename(name, value)));
}

function rename(name: string, value: number): [string, number] {
  const known = renamings.find(({ ours }) => ours.test(name));
  if (!known) return [name, value];
  return [name.replace(known.ours, known.theirs), value * (known.factor ?? 1)];
}
