/** What Prometheus reads from its text format. */
export interface PrometheusFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: { name: string; labels: Record<string, string>; value: number }[];
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const sample = new RegExp(`^(${name})(?:\\{(${label}(?:,${label})*)?\\})? (\\S+)(?: -?\\d+)?$`);

/**
 * Reads Prometheus' text format, version 0.0.4, strictly.
 *
 * @throws for a line that is none, samples without their family, and histograms that do not add up
 */
export function parsePrometheus(text: string): Map<string, PrometheusFamily> {
  if (!text.endsWith("\n")) throw new Error("expected a line feed at the end");
  const families = new Map<string, PrometheusFamily>();
  const helps = new Map<string, string>();
  let family: PrometheusFamily | undefined;
  for (const line of text.split("\n")) {
    const [, kind, of = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === "HELP") helps.set(of, rest);
    else if (kind === "TYPE") {
      if (families.has(of)) throw new Error(`a second family ${of}`);
      if (!["counter", "gauge", "histogram", "summary", "untyped"].includes(rest)) {
        throw new Error(`a type ${rest}`);
      }
      family = { name: of, help: helps.get(of) ?? "", type: rest, samples: [] };
      families.set(of, family);
    } else if (line !== "" && !line.startsWith("#")) family!.samples.push(sampleOf(line, family));
  }
  for (const each of families.values()) if (each.type === "histogram") checkHistogram(each);
  return families;
}

function sampleOf(line: string, family: PrometheusFamily | undefined) {
  const [, own = "", labels = "", number = ""] = sample.exec(line) ?? [];
  if (own === "") throw new Error(`no sample: ${line}`);
  const suffixes = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!suffixes.some((suffix) => own === `${family?.name}${suffix}`)) {
    throw new Error(`a sample outside its family: ${line}`);
  }
  const value = number === "+Inf" ? Infinity : number === "-Inf" ? -Infinity : Number(number);
  if (Number.isNaN(value) && number !== "NaN") throw new Error(`no number: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name: own,
    labels: Object.fromEntries(pairs.map(([, key, text]) => [key!, unescaped(text!)])),
    value,
  };
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));

/** Buckets are cumulative, and the last holds as many as were counted. */
function checkHistogram({ name: own, samples }: PrometheusFamily): void {
  const series = new Map<string, typeof samples>();
  for (const each of samples) {
    const { le: _, ...others } = each.labels;
    const key = JSON.stringify(others);
    series.set(key, [...(series.get(key) ?? []), each]);
  }
  for (const [labels, each] of series) {
    const buckets = each
      .filter((one) => one.name === `${own}_bucket`)
      .map(({ labels: { le }, value }) => [le === "+Inf" ? Infinity : Number(le), value] as const)
      .toSorted(([a], [b]) => a - b);
    const count = each.find((one) => one.name === `${own}_count`)?.value;
    const isRising = buckets.every(([, value], i) => value >= (buckets[i - 1]?.[1] ?? 0));
    const [last, most] = buckets.at(-1) ?? [];
    if (isRising && last === Infinity && most === count) continue;
    throw new Error(`${own}${labels}: buckets do not add up`);
  }
}
