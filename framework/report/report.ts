import type { JsonObject } from "../base/json.ts";
import type { RgbImage } from "../data/image.ts";

/** What an evaluation found, for people and for programs; how it looks is decided elsewhere. */
export interface Report {
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
  /** All numbers, for programs. */
  readonly data: JsonObject;
}

export type ReportBlock = ReportHeading | ReportText | ReportTable | ReportPictures | DrawnBlock;

/** Blocks that are drawn from numbers. */
export type DrawnBlock = ReportChart | ReportLines | ReportBars | ReportParallel;

export interface ReportHeading {
  readonly kind: "heading";
  readonly text: string;
}

/** A paragraph, or a list of terms with what they mean. */
export interface ReportText {
  readonly kind: "text";
  readonly text: string;
  readonly terms?: readonly (readonly [term: string, meaning: string])[];
}

export interface ReportTable {
  readonly kind: "table";
  /** Heads the rows' labels. */
  readonly corner: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
}

export interface ReportColumn {
  readonly label: string;
  /** Digits behind the point of numbers. Default: 3. */
  readonly digits?: number;
  /** Which numbers are better; the best of the rows that compete stands out. */
  readonly better?: "higher" | "lower";
}

export interface ReportRow {
  readonly label: string;
  /** One for each column. */
  readonly cells: readonly ReportCell[];
  /** A row to compare with, which is not among those that compete. */
  readonly isBaseline?: boolean;
}

/** Undefined: there is no such number. */
export type ReportCell = string | ReportNumber | undefined;

export interface ReportNumber {
  readonly mean: number;
  readonly deviation?: number | undefined;
}

/** Rows of pictures of one size. */
export interface ReportPictures {
  readonly kind: "pictures";
  /** Of the file, without its ending. */
  readonly name: string;
  readonly columnLabels?: readonly string[];
  readonly rows: readonly { readonly label: string; readonly pictures: readonly RgbImage[] }[];
}

/** Points in a plane. */
export interface ReportChart {
  readonly kind: "chart";
  /** Of the file, without its ending. */
  readonly name: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly ChartPoint[];
  /** Grey and without a legend. */
  readonly others?: readonly ChartPoint[];
}

export interface ChartPoint {
  readonly label: string;
  readonly x: ReportNumber;
  readonly y: ReportNumber;
}

/** Curves in a plane. */
export interface ReportLines {
  readonly kind: "lines";
  /** Of the file, without its ending. */
  readonly name: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly ChartLine[];
  /** Whether x stands in the logarithm; then it is positive. */
  readonly xIsLog?: boolean;
  /** What x counts, from 0, where it is no number. */
  readonly xNames?: readonly string[];
}

/** The same length in all. NaN leaves a gap. */
export interface ChartLine {
  /** "" of the only one, which needs no legend. */
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Edges of the band around it. */
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
}

/** Lengths side by side, for each of some names. */
export interface ReportBars {
  readonly kind: "bars";
  /** Of the file, without its ending. */
  readonly name: string;
  /** What a length is. */
  readonly x: string;
  readonly names: readonly string[];
  /** One for each name, from 0 up. */
  readonly series: readonly { readonly label: string; readonly values: readonly number[] }[];
}

/** A line across parallel axes for each of many things. */
export interface ReportParallel {
  readonly kind: "parallel";
  /** Of the file, without its ending. */
  readonly name: string;
  readonly axes: readonly ParallelAxis[];
  /** The least important first, as later ones lie above them. */
  readonly lines: readonly ParallelLine[];
}

export interface ParallelAxis {
  readonly label: string;
  /** Places are from 0 at the bottom to 1 at the top. */
  readonly marks: readonly { readonly place: number; readonly text: string }[];
}

export interface ParallelLine {
  readonly label: string;
  /** One for each axis; undefined leaves a gap. */
  readonly places: readonly (number | undefined)[];
  /** From 0 for the best to 1 for the worst. */
  readonly rank: number;
}
