import {
  formatDuration,
  specDifferences,
  type EvaluatedRun,
  type ReportBlock,
  type ReportCell,
  type ReportColumn,
  type ReportRow,
  type ReportTable,
} from "seedbed";

import { numbersOf, type JudgedSubject, type Numbers, type RunGroup } from "./judged.ts";

/** A column for a number, and what it means. */
export interface MetricColumn extends ReportColumn {
  readonly key: string;
  readonly meaning: string;
}

export const metricColumns: readonly MetricColumn[] = [
  {
    key: "fidelity",
    label: "fidelity",
    better: "higher",
    meaning:
      "similarity of pictures of the subject's prompt to the subject, where 0 is the base's class pictures and 1 further pictures of the subject that were never trained on",
  },
  {
    key: "subjectSimilarity",
    label: "similarity",
    better: "higher",
    meaning: "the same as a mean cosine of features, on each picture's own background colour",
  },
  {
    key: "onNamedColour",
    label: "named colour",
    better: "higher",
    meaning:
      "share of pictures of the subject on ten named colours whose background has the colour",
  },
  {
    key: "recontextualisation",
    label: "recontextualised",
    better: "higher",
    meaning:
      "prompt fidelity: share of these that also show the subject, nearer to it than half way from the class",
  },
  {
    key: "classSimilarity",
    label: "PRES",
    better: "lower",
    meaning: "similarity of class pictures to the subject; the base's is what a kept class has",
  },
  {
    key: "classDrift",
    label: "class drift",
    better: "lower",
    meaning: "how far class pictures went towards the subject since the base, counted as fidelity",
  },
  {
    key: "diversity",
    label: "diversity",
    better: "higher",
    meaning: "mean of 1 - cosine over all pairs of class pictures",
  },
  {
    key: "diversityRatio",
    label: "÷ base",
    better: "higher",
    meaning: "diversity over that of the base's class pictures",
  },
  {
    key: "clipI",
    label: "CLIP-I",
    better: "higher",
    meaning: "mean cosine of CLIP's features of the subject's samples and its pictures",
  },
  {
    key: "clipT",
    label: "CLIP-T",
    better: "higher",
    meaning: "mean cosine of CLIP's features of samples and their prompts, without the token",
  },
];

/** Columns of the numbers that some model has. */
export const shownColumns = (subjects: readonly JudgedSubject[]): MetricColumn[] =>
  metricColumns.filter(({ key }) =>
    subjects
      .flatMap(({ base, runs }) => [base, ...runs])
      .some(
        ({ metrics }) => new Map<string, unknown>(Object.entries(metrics)).get(key) !== undefined,
      ),
  );

const cellOf = (numbers: Numbers, key: string): ReportCell => {
  const mean = numbers[key];
  return mean === undefined ? undefined : { mean };
};

/** Columns that say something, with real pictures and the base before the runs. */
export function metricsTable(
  subjects: readonly JudgedSubject[],
  groups: readonly RunGroup[][],
  columns: readonly MetricColumn[],
): ReportTable {
  const rows = subjects.flatMap((subject, i): ReportRow[] => {
    const of = subjects.length > 1 ? ` (${subject.question.subject.prompt})` : "";
    const { referenceSimilarity } = subject.runs[0]!.metrics;
    const real = { fidelity: 1, subjectSimilarity: referenceSimilarity };
    return [
      ...(referenceSimilarity === undefined
        ? []
        : [baselineRow(`further pictures of the subject${of}`, real, columns)]),
      baselineRow(`base model${of}`, { ...subject.base.metrics }, columns),
      ...groups[i]!.map((group) => groupRow(group, columns)),
    ];
  });
  return { kind: "table", corner: "", columns: [runsColumn, ...columns], rows };
}

/** @param base over so many bases */
export function meansTable(
  base: { readonly numbers: RunGroup["numbers"]; readonly count: number },
  groups: readonly CountedGroup[],
  columns: readonly MetricColumn[],
): ReportTable {
  const cells = columns.map(({ key }) => base.numbers[key]);
  const rows: ReportRow[] = [
    { label: "base models", cells: [{ mean: base.count }, ...cells], isBaseline: true },
    ...groups.map((group) => groupRow(group, columns)),
  ];
  return { kind: "table", corner: "", columns: [runsColumn, ...columns], rows };
}

const runsColumn: ReportColumn = { label: "runs", digits: 0 };

function baselineRow(label: string, numbers: Numbers, columns: readonly MetricColumn[]): ReportRow {
  const cells = columns.map(({ key }) => cellOf(numbers, key));
  return { label, cells: [undefined, ...cells], isBaseline: true };
}

type CountedGroup = Pick<RunGroup, "name" | "numbers"> & { readonly runs: readonly unknown[] };

function groupRow(
  { name, runs, numbers }: CountedGroup,
  columns: readonly { key: string }[],
): ReportRow {
  return { label: name, cells: [{ mean: runs.length }, ...columns.map(({ key }) => numbers[key])] };
}

const trainingColumns = [
  { key: "loss", label: "loss" },
  { key: "lossInstance", label: "of it the subject's" },
  { key: "steps", label: "steps", digits: 0 },
  { key: "trainable", label: "trained parameters", digits: 0 },
] as const;

/** Losses are means over the last tenth of the steps. */
export function trainingTable(groups: readonly RunGroup[]): ReportTable {
  const rows = groups.map((group) => {
    const { label, cells } = groupRow(group, trainingColumns);
    const seconds = group.numbers["seconds"]?.mean;
    return {
      label,
      cells: [...cells, seconds === undefined ? undefined : formatDuration(seconds)],
    };
  });
  const columns = [runsColumn, ...trainingColumns, { label: "time" }];
  return { kind: "table", corner: "", columns, rows };
}

/** Every setting that is not the same in all groups. */
export function settingsBlocks(
  groups: readonly RunGroup[],
  runs: readonly EvaluatedRun[],
): ReportBlock[] {
  const differences = specDifferences(runs.map(({ spec }) => spec));
  if (differences.length === 0) return [];
  const at = groups.map((group) => runs.indexOf(group.runs[0]!.run));
  return [
    { kind: "heading", text: "Settings that differ" },
    {
      kind: "table",
      corner: "",
      columns: groups.map(({ name }) => ({ label: name })),
      rows: differences.map(({ key, values }) => ({
        label: key,
        cells: at.map((i) => values[i] ?? "unset"),
      })),
    },
  ];
}

/** Every run by itself. */
export function runsTable(
  groups: readonly RunGroup[],
  columns: readonly MetricColumn[],
): ReportTable {
  const all = [{ label: "seed" }, { label: "run" }, { label: "weights" }, ...columns];
  const rows = groups.flatMap(({ name, runs }) =>
    runs.map((judged): ReportRow => {
      const { run, weights } = judged;
      const numbers = numbersOf(judged);
      const which = [weights.name, ...(weights.which ? [weights.which] : [])].join(", ");
      return {
        label: name,
        cells: [
          ...[String(run.spec.seed), run.stored.manifest.id, which],
          ...columns.map(({ key }) => cellOf(numbers, key)),
        ],
      };
    }),
  );
  return { kind: "table", corner: "", columns: all, rows };
}
