import { suggest } from "../../base/nearest.ts";
import { ApiError } from "../apiError.ts";
import type { Router, RouterChoice } from "./router.ts";

/** The name by which a server's own choice of router is asked for. */
export const autoName = "auto";

/**
 * A router as clients name it, `router-NAME-THRESHOLD`, as RouteLLM has it; or `router-NAME` with the
 * router's own threshold.
 *
 * @returns undefined for other names
 * @throws {ApiError} 404 for a router that is not there, 400 for a threshold that is not in [0, 1]
 */
export function readRouterName(name: string, routers: readonly Router[]): RouterChoice | undefined {
  const [, kind, given] = /^router-([A-Za-z]+)(?:-(.*))?$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  const router = routers.find((each) => each.name === kind);
  if (!router) {
    const known = suggest(
      kind,
      routers.map((each) => each.name),
    );
    throw new ApiError(`There is no router \`${kind}\`${known}`, {
      ...{ status: 404, param: "model", code: "model_not_found" },
    });
  }
  const threshold = given === undefined ? router.threshold : Number(given || Number.NaN);
  if (threshold >= 0 && threshold <= 1) return { router, threshold };
  throw new ApiError(
    `Expected a threshold from 0 to 1 in \`${name}\`, got ${JSON.stringify(given)}.`,
    { param: "model" },
  );
}
