/** @file Public names around runs: what they leave, what may be asked of that, and how it is reported. */

// runs and where their numbers go
export { readConsole, type ConsoleLine, type ConsoleStream } from "./tracking/consoleLog.ts";
export type {
  HistogramBins,
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
  LogPoint,
  PrCurvePoints,
  ScoredExamples,
  TableCell,
} from "./tracking/logger.ts";
export type { RunOutcome, RunSummary } from "./tracking/runOutcome.ts";
export {
  readMetrics,
  readRecords,
  type HistogramRecord,
  type ImagesRecord,
  type MetricsRecord,
  type PrCurveRecord,
  type RunRecord,
  type TableRecord,
  type TextRecord,
} from "./tracking/metricsFile.ts";
export { prCurvePoints } from "./tracking/prCurve.ts";
export type { Run } from "./tracking/run.ts";
export { hashArtifact, type ArtifactContent, type ArtifactOptions } from "./tracking/artifacts.ts";
export type { RunArtifact } from "./tracking/runArtifact.ts";
export type { RunManifest, RunStatus } from "./tracking/runManifest.ts";
export { changeRunNotes, readRunNotes, type RunNotes } from "./tracking/runNotes.ts";
export { findReferenced, parseRunReference, type RunReference } from "./tracking/runReference.ts";
export { findRun, listRuns, readRun, type ListedRun, type StoredRun } from "./tracking/runStore.ts";
export {
  nameByDifferences,
  specDifferences,
  type SpecDifference,
} from "./tracking/specDifferences.ts";
export { readSystem, type SystemRecord } from "./tracking/systemLog.ts";

// what is known of runs, and what may be asked of them
export { aggregate, type Aggregate } from "./store/aggregate.ts";
export { parseColumn, valueOf, type Column, type ValueAtStep } from "./store/columnValue.ts";
export type { Curve, CurveAxis } from "./store/curve.ts";
export { compileFilter, type FilterOptions, type RunFilter } from "./store/filter.ts";
export { FilterError } from "./store/filterTokens.ts";
export type { GroupCell, NumbersCell } from "./store/groupCell.ts";
export type { Cell, ColumnName, IndexedRun, MetricSummary, RunSource } from "./store/indexedRun.ts";
export { listColumns, type ColumnInfo, type ColumnList } from "./store/listColumns.ts";
export {
  RunIndex,
  type IndexChanges,
  type RefreshOptions,
  type RunIndexOptions,
} from "./store/runIndex.ts";
export { Series, type SeriesOptions, type SeriesRun } from "./store/series.ts";
export {
  queryTable,
  type SortKey,
  type Table,
  type TableQuery,
  type TableRow,
} from "./store/tableQuery.ts";

// reports
export type {
  ChartLine,
  ChartPoint,
  Report,
  ReportBlock,
  ReportCell,
  ReportChart,
  ReportColumn,
  ReportHeading,
  ReportLines,
  ReportNumber,
  ReportPictures,
  ReportRow,
  ReportTable,
  ReportText,
} from "./report/report.ts";
export { type ReportFormat, reportFormats } from "./report/reportFormats.ts";
export { writeReportFolder } from "./report/writeReportFolder.ts";
