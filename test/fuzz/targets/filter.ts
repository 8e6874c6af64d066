import { compileFilter } from "../../../framework/store/filter.ts";
import { indexedRun, metricSummary } from "../../support/indexedRuns.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

const run = indexedRun({
  config: { lr: 1e-3, "a b": "text", flag: true },
  metrics: { loss: metricSummary(3, 1), "val/loss": metricSummary(1, NaN) },
  tags: ["best", "a*b"],
});

/** The language in which runs are chosen. */
export const target: FuzzTarget = {
  name: "filter",
  covers: ["framework/store/filter", "framework/store/columnValue", "framework/store/globMatch"],
  seeds: [
    'config.lr < 1e-3 and (tags has "best" or starred)',
    'status in ["running", "failed"] and not name ~ "a*b?"',
    "`config.a b` != null or metrics.loss:at(10) >= -inf && !archived",
    "metrics.loss:min <> nan, 'x' !~ \"*\"",
  ].map(textInput),
  words: ["config.", "metrics.", ":min", ":at(1)", " and ", " or ", "not ", " in [", "tags", "`"],
  run(input) {
    const filter = compileFilter(inputText(input), { runs: [run], at: () => 1 });
    return filter(run);
  },
};
