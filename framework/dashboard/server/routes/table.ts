import type { FastifyInstance } from "fastify";

import { listColumns, type ColumnList } from "../../../store/listColumns.ts";
import { queryTable } from "../../../store/tableQuery.ts";
import { valueAtStep } from "../../../store/valueAtStep.ts";
import type { ColumnsAnswer, TableAnswer, TableQuery } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { nameSchema, objectSchema, runKeySchema, runListSchema } from "../schemas.ts";

const mostRuns = 10_000;
const mostColumns = 500;
const runKeys = { type: "array", maxItems: mostRuns, items: runKeySchema };
const columnNames = { type: "array", maxItems: mostColumns, items: nameSchema };

const body = objectSchema(
  {
    filter: { type: "string", maxLength: 10_000 },
    runs: runKeys,
    pinned: runKeys,
    columns: columnNames,
    sort: {
      type: "array",
      maxItems: 20,
      items: objectSchema({ column: nameSchema, descending: { type: "boolean" } }),
    },
    groupBy: { ...columnNames, maxItems: 20 },
    archived: { type: "boolean" },
    offset: { type: "integer", minimum: 0 },
    limit: { type: "integer", minimum: 0, maximum: 1000 },
  },
  ["filter", "columns", "sort", "groupBy", "archived", "offset", "limit"],
);

/** `POST /api/table`, `GET /api/columns` */
export function tableRoutes(app: FastifyInstance, state: DashboardState): void {
  const at = valueAtStep(state.series);
  app.post<{ Body: TableQuery }>(
    "/api/table",
    { schema: { body } },
    async (request): Promise<TableAnswer> => {
      await state.live.fresh();
      const { revision } = state.index;
      return { revision, ...queryTable(state.index.runs(), request.body, at) };
    },
  );
  const allColumns = columnsOfAll(state);
  app.get<{ Querystring: { runs?: string } }>(
    "/api/columns",
    { schema: { querystring: objectSchema({ runs: runListSchema }, []) } },
    async ({ query: { runs } }): Promise<ColumnsAnswer> => {
      await state.live.fresh();
      const columns = runs === undefined ? allColumns() : listColumns(state.runs(runs));
      return { revision: state.index.revision, ...columns };
    },
  );
}

/** Columns of all runs, counted again only when runs have changed. */
function columnsOfAll({ index }: DashboardState): () => ColumnList {
  let known: ColumnList | undefined;
  let revision = -1;
  return () => {
    if (!known || revision !== index.revision) known = listColumns(index.runs());
    revision = index.revision;
    return known;
  };
}
