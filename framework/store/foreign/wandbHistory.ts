import { isRecord } from "../../tracking/parameters.ts";
import { applyItems, treeJson, type JsonTree } from "../../tracking/wandb/json.ts";
import type { WandbRecord } from "../../tracking/wandb/proto.ts";
import type { ForeignListener, ForeignMedia, ForeignMoment } from "./foreignRun.ts";
import { parseQuietly } from "./parseQuietly.ts";
import { mediaOf } from "./wandbMedia.ts";

type Value = Readonly<Record<string, unknown>>;

/** A row of history, at any depth, names joined by dots. */
interface Row {
  readonly numbers: Map<string, number>;
  readonly texts: Map<string, string>;
  /** Values with a `_type`: pictures, histograms and their like. */
  readonly typed: Map<string, Value>;
}

/** What was logged, row by row. */
export function readHistory(
  records: readonly WandbRecord[],
  filesFolder: string,
  listener: ForeignListener,
): void {
  const told = new Set<string>();
  for (const record of records) {
    if (!("history" in record)) continue;
    const row = rowOf(record.history.item);
    const { numbers } = row;
    const step = record.history.step?.num ?? numbers.get("_step") ?? 0;
    const metrics = [...numbers].filter(([name]) => !name.startsWith("_"));
    const epoch = numbers.get("epoch") ?? NaN;
    const time = numbers.get("_timestamp") ?? NaN;
    if (metrics.length > 0) listener.point(step, epoch, time, Object.fromEntries(metrics));
    if (!listener.media) continue;
    for (const media of mediaIn(row, { step, epoch, time }, filesFolder)) {
      if (typeof media !== "string") listener.media(media);
      else if (!told.has(media)) {
        told.add(media);
        listener.leftOut?.(media);
      }
    }
  }
}

/** Values of rows that stand in files. */
export function typedValues(records: readonly WandbRecord[]): Value[] {
  return records.flatMap((record) =>
    "history" in record ? [...rowOf(record.history.item).typed.values()] : [],
  );
}

function mediaIn(
  { texts, typed }: Row,
  at: Omit<ForeignMoment, "key">,
  filesFolder: string,
): (ForeignMedia | string)[] {
  const said = Array.from(texts, ([key, text]): ForeignMedia => {
    return { ...at, key, kind: "text", read: () => ({ kind: "text", text }) };
  });
  return [
    ...said.filter(({ key }) => !key.startsWith("_")),
    ...Array.from(typed, ([key, value]) => mediaOf(value, { ...at, key }, filesFolder)),
  ];
}

function rowOf(items: Parameters<typeof applyItems>[1]): Row {
  const tree: JsonTree = new Map();
  applyItems(tree, items);
  const row: Row = { numbers: new Map(), texts: new Map(), typed: new Map() };
  addValue(row, "", parseQuietly(treeJson(tree)));
  return row;
}

function addValue(row: Row, name: string, value: unknown): void {
  if (typeof value === "number") row.numbers.set(name, value);
  else if (typeof value === "string") row.texts.set(name, value);
  else if (isRecord(value) && "_type" in value) row.typed.set(name, value);
  else if (isRecord(value)) {
    for (const [key, inner] of Object.entries(value))
      addValue(row, name === "" ? key : `${name}.${key}`, inner);
  }
}
