import type { JSX } from "preact";

import { address, linkTo } from "./address/address.ts";
import { ChartsView } from "./charts/chartsView.tsx";
import { CompareView } from "./compare/compareView.tsx";
import { Notice } from "./parts/notice.tsx";
import { RunView } from "./run/runView.tsx";
import { SweepsView } from "./sweeps/sweepsView.tsx";
import { SweepView } from "./sweeps/sweepView.tsx";
import { RunsView } from "./table/runsView.tsx";

/** The view that the address names. */
export function View(): JSX.Element {
  const [place = "runs"] = address.value.path;
  switch (place) {
    case "runs":
      return <RunsView />;
    case "charts":
      return <ChartsView />;
    case "run":
      return <RunView />;
    case "compare":
      return <CompareView />;
    case "sweeps":
      return <SweepsView />;
    case "sweep":
      return <SweepView />;
    default:
      return (
        <Notice kind="error" title={`There is no view "${place}"`}>
          <a href={linkTo(["runs"])}>All runs</a>
        </Notice>
      );
  }
}
