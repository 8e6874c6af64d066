import type { FastifyInstance } from "fastify";

import type { InfoAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";

export interface InfoOptions {
  readonly state: DashboardState;
  /** Of the package. */
  readonly version: string;
  readonly hasActions: boolean;
}

/** `GET /api/info` */
export function infoRoutes(
  app: FastifyInstance,
  { state, version, hasActions }: InfoOptions,
): void {
  app.get("/api/info", async (): Promise<InfoAnswer> => {
    await state.live.fresh();
    const { folders, revision } = state.index;
    const runs = state.index.runs().length;
    return { version, folders: [...folders], actions: hasActions, revision, runs };
  });
}
