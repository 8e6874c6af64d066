import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { startServer, type BenchServer } from "../bench/benchServer.ts";
import type { Place } from "./scenario.ts";

/** A dashboard that reads everything while processes die. */
export class WatchingDashboard {
  readonly #server: BenchServer;

  private constructor(server: BenchServer) {
    this.#server = server;
  }

  static async start(runs: string): Promise<WatchingDashboard> {
    return new WatchingDashboard(await startServer(["ui", "--runs", runs]));
  }

  /**
   * Asks for the table, and for the pages of a round's runs.
   *
   * @throws {Error} when an answer is none, or a run is missing
   */
  async look({ runs, name }: Place): Promise<void> {
    const query = { filter: "", columns: ["name", "status", "metrics.val/loss"], sort: [] };
    const page = { groupBy: [], archived: false, offset: 0, limit: 1 };
    await this.#server.ask("/api/table", { ...query, ...page });
    const folder = path.join(runs, name);
    for (const id of existsSync(folder) ? readdirSync(folder) : []) {
      const isRun = existsSync(path.join(folder, id, "manifest.json"));
      if (isRun) await this.#server.ask(`/api/runs/${id}`);
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
