/** What a report's page can be; programs' numbers are beside it in any case. */
export const reportFormats = ["html", "markdown"] as const;
export type ReportFormat = (typeof reportFormats)[number];
