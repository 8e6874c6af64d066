import type { FastifyInstance } from "fastify";

import { flattenSpec } from "../../../store/flatSpec.ts";
import type { Cell, IndexedRun } from "../../../store/indexedRun.ts";
import type { CompareAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { readRunManifest } from "../readRunFile.ts";
import { RequestError } from "../requestError.ts";
import { objectSchema, runListSchema } from "../schemas.ts";

type Section = CompareAnswer["sections"][number];
type Values = Readonly<Record<string, Cell>>;

const mostRuns = 50;

/** `GET /api/compare` */
export function compareRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<{ Querystring: { runs: string } }>(
    "/api/compare",
    { schema: { querystring: objectSchema({ runs: runListSchema }) } },
    ({ query }): CompareAnswer => {
      const runs = state.runs(query.runs);
      checkComparable(runs);
      return compareRuns(runs, (key) => state.folder(key));
    },
  );
}

/** @throws {RequestError} when there are more runs than can stand side by side */
export function checkComparable({ length }: readonly IndexedRun[]): void {
  if (length <= mostRuns) return;
  throw new RequestError(400, `Cannot compare ${length} runs: expected at most ${mostRuns}`);
}

/** @param folderOf absolute folder of a run, by key */
export function compareRuns(
  runs: readonly IndexedRun[],
  folderOf: (key: string) => string,
): CompareAnswer {
  const environments = runs.map(({ key }) => environmentOf(readRunManifest(folderOf(key))));
  return {
    runs: [...runs],
    sections: [
      section(
        "config",
        runs.map(({ config }) => config),
      ),
      section("environment", environments),
      section(
        "summary",
        runs.map(({ summary }) => summary),
      ),
      section(
        "metrics",
        runs.map(({ metrics }) => lastValues(metrics)),
      ),
    ],
  };
}

/** Rows in the order in which the runs have them. */
function section(name: Section["name"], runs: readonly Values[]): Section {
  const names = new Set(runs.flatMap((values) => Object.keys(values)));
  return {
    name,
    rows: [...names].map((row) => {
      const values = runs.map((each) => (Object.hasOwn(each, row) ? each[row]! : null));
      return { name: row, values, differs: values.some((value) => !Object.is(value, values[0])) };
    }),
  };
}

function lastValues(metrics: IndexedRun["metrics"]): Values {
  return Object.fromEntries(Object.entries(metrics).map(([name, { last }]) => [name, last]));
}

/** What a run's numbers may depend on besides its spec. */
function environmentOf(manifest: Record<string, unknown>): Values {
  const { command, git, versions, host, environment, data } = manifest;
  const words = Array.isArray(command) ? command.join(" ") : null;
  return flattenSpec({ command: words, git, host, versions, environment, data });
}
