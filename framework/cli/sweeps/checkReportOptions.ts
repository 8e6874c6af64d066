import { InputError } from "../../base/errors.ts";

interface ReportArguments {
  readonly format: "text" | "markdown" | "csv" | "html";
  readonly out: string | undefined;
  readonly by: string;
  readonly trials: boolean;
}

/**
 * What to write and where, of `--format` and `--out`; undefined: a table is printed.
 *
 * @throws {InputError} when they do not go together
 */
export function checkReportOptions({
  format,
  out,
  by,
  trials,
}: ReportArguments): { format: "html" | "markdown"; out: string } | undefined {
  if (out === undefined) {
    if (format !== "html") return undefined;
    throw new InputError("Cannot report as html: expected a file with --out, got none");
  }
  if (format === "text" || format === "csv") {
    throw new InputError(
      `Cannot write a report to ${out}: expected --format markdown or html, got ${format}`,
    );
  }
  if (by === "" && !trials) return { format, out };
  throw new InputError(
    `Cannot write a report to ${out}: --by and --trials are for tables; leave --out or them away`,
  );
}
