import type { IconName } from "../../web/page/icon.tsx";

/** The views of the header. */
export const places: readonly {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
}[] = [
  { path: "runs", name: "Runs", icon: "table" },
  { path: "charts", name: "Charts", icon: "chart" },
  { path: "compare", name: "Compare", icon: "compare" },
  { path: "sweeps", name: "Sweeps", icon: "sweep" },
];

/** What one chooses once for all views of many runs. */
export const keptParameters = ["filter", "group", "runs", "archived", "sort", "top"] as const;
