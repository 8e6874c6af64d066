import {
  imageGrid,
  tensorToImages,
  textTable,
  type LoggedTable,
  type Prediction,
  type RgbImage,
} from "seedbed";

/** Pictures that a row shows at most. */
const perRow = 12;

/** A held-out picture, and what it was taken for; classes by their index. */
export interface Verdict {
  readonly picture: RgbImage;
  readonly label: number;
  readonly predicted: number;
}

/** What the module's `predictStep` says of each picture of all batches. */
export function verdictsOf(batches: readonly Prediction[]): Verdict[] {
  return batches.flatMap(({ image, label, predicted }) =>
    tensorToImages(image!).map((picture, i) => ({
      picture,
      label: label!.values[i]!,
      predicted: predicted!.values[i]!,
    })),
  );
}

/** A row for each class, a column for what its pictures were taken for. */
export function confusionTable(
  classes: readonly string[],
  verdicts: readonly Verdict[],
): LoggedTable {
  const rows = classes.map((name, i) => {
    const counts = classes.map(() => 0);
    for (const { label, predicted } of verdicts) if (label === i) counts[predicted]!++;
    return [name, ...counts];
  });
  return { columns: ["", ...classes], rows };
}

/** The table as lines, with numbers to the right. */
export function tableLines({ columns, rows }: LoggedTable): string[] {
  return textTable(
    [columns, ...rows.map((row) => row.map(String))],
    columns.slice(1).map((_, i) => i + 1),
  );
}

/** A row for each kind of mistake, the frequent first; undefined without mistakes. */
export function mistakesGrid(
  classes: readonly string[],
  verdicts: readonly Verdict[],
): RgbImage | undefined {
  const kinds = new Map<string, RgbImage[]>();
  for (const { picture, label, predicted } of verdicts) {
    if (label === predicted) continue;
    const kind = `${classes[label]} as ${classes[predicted]}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), picture]);
  }
  if (kinds.size === 0) return undefined;
  const sorted = [...kinds].toSorted(([, a], [, b]) => b.length - a.length);
  return imageGrid(
    sorted.map(([, pictures]) => pictures.slice(0, perRow)),
    { rowLabels: sorted.map(([kind]) => kind), upscale: 2 },
  );
}
