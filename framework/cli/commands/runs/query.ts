import { formatOption } from "../../browsing/tableOptions.ts";
import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs query "SELECT ..."` */
export const query: Command = (program, { terminal }) => {
  program.command(
    "query <sql>",
    "Ask about runs in SQL: tables runs, config, summary and metrics; needs @duckdb/node-api",
    (args) =>
      args
        .positional("sql", {
          type: "string",
          demandOption: true,
          describe: 'Such as "SELECT name, avg(seed) FROM runs GROUP BY name"',
        })
        .option("format", formatOption)
        .option("runs", runsOption),
    async ({ sql, format, runs }) => {
      const { openRuns } = await import("../../browsing/openRuns.ts");
      const { queryRuns } = await import("../../../store/runDatabase.ts");
      const { answerLines } = await import("../../browsing/answerLines.ts");
      const { index, series } = await openRuns(runs);
      const answer = await queryRuns(sql, index.runs(), series);
      for (const line of answerLines(answer, format)) terminal.print(line);
    },
  );
};
