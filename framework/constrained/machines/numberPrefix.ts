export interface NumberBounds {
  /** Least value, as a decimal. */
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  /** An integer above 0. */
  readonly multipleOf?: number | undefined;
  /** Without a point. */
  readonly isInteger: boolean;
}

/** A number on its way: a sign, digits, and how many of them are behind a point; -1 without one. */
export interface Prefix {
  readonly sign: "" | "-";
  readonly digits: string;
  readonly behindPoint: number;
}
