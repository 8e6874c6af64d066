import { reportFormats, type ReportFormat } from "../../report/reportFormats.ts";

/** What a report is written as. */
export const reportFormatOption: {
  choices: readonly ReportFormat[];
  array: true;
  default: ReportFormat[];
  describe: string;
} = {
  choices: reportFormats,
  array: true,
  default: [...reportFormats],
  describe: "Of the report; numbers are always in report.json, too",
};
