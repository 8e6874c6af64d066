import type { FastifyInstance } from "fastify";

import { listRuns } from "../../../tracking/runStore.ts";
import type { InfoAnswer } from "../../api.ts";

export interface InfoOptions {
  readonly folders: readonly string[];
  readonly version: string;
}

/** `GET /api/info` */
export function infoRoutes(app: FastifyInstance, { folders, version }: InfoOptions): void {
  app.get("/api/info", (): InfoAnswer => ({
    version,
    folders: [...folders],
    actions: false,
    revision: 0,
    runs: folders.flatMap((folder) => listRuns(folder)).length,
  }));
}
