import { formatOption, readSort, splitList } from "../../browsing/tableOptions.ts";
import { checkCount } from "../../checkCount.ts";
import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs ls 'summary.accuracy > 0.9'` */
export const ls: Command = (program, { terminal }) => {
  program.command(
    "ls [filter]",
    "List runs that a filter lets through, with any columns, sorted and grouped",
    (args) =>
      args
        .positional("filter", {
          type: "string",
          default: "",
          describe: "Such as 'config.lr < 1e-3 and tags has \"best\"'; see docs/runs.md",
        })
        .option("columns", {
          type: "string",
          array: true,
          describe: "Such as id,config.lr,metrics.val/loss:min",
        })
        .option("sort", {
          type: "string",
          array: true,
          describe: "Columns to sort by; from the greatest on: --sort 'startedAt desc'",
        })
        .option("group", {
          type: "string",
          array: true,
          describe: "One row for the runs that agree in these columns, with mean and deviation",
        })
        .option("archived", { type: "boolean", default: false, describe: "With archived runs" })
        .option("limit", { type: "number", describe: "At most so many rows" })
        .option("format", formatOption)
        .option("runs", runsOption),
    async ({ filter, columns, sort, group, archived, limit, format, runs }) => {
      checkCount("Cannot list runs", "--limit", limit);
      const { openRuns } = await import("../../browsing/openRuns.ts");
      const { listTable } = await import("../../browsing/listTable.ts");
      const opened = await openRuns(runs);
      const lines = listTable(opened, {
        filter,
        columns: splitList(columns),
        sort: readSort(sort),
        groupBy: splitList(group),
        archived,
        limit: limit ?? Infinity,
        format,
      });
      for (const line of lines) terminal.print(line);
    },
  );
};
