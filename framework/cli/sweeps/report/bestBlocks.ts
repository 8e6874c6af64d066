import type { ReportBlock } from "../../../report/report.ts";
import type { Comparison } from "../../../sweep/analysis/bestPoint.ts";
import { confidencePercent, type MeanInterval } from "../../../sweep/analysis/meanInterval.ts";
import { formatNumber } from "./formatNumber.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

/** The best configuration, and whether it is better than the second by more than chance. */
export function bestBlocks({ analysis, metric }: ReportedSweep): ReportBlock[] {
  const [best, second] = analysis.ranking;
  const heading: ReportBlock = { kind: "heading", text: "Best configuration" };
  if (!best) return [heading, { kind: "text", text: `No finished run has ${metric.name} yet.` }];
  const seeds = best.interval.count === 1 ? "one run" : `${best.interval.count} seeds`;
  return [
    heading,
    {
      kind: "text",
      text: "",
      terms: [
        ["Configuration", best.point.label],
        [`${metric.name}, mean of ${seeds}`, intervalText(best.interval)],
        ...(second ? [["Second best", second.point.label] as const] : []),
        ...(second ? [["Its mean", intervalText(second.interval)] as const] : []),
      ],
    },
    ...(second ? [{ kind: "text" as const, text: secondText(analysis.second) }] : []),
  ];
}

/** `0.31, 95 % interval 0.29 to 0.33`. */
export function intervalText({ mean, low, high }: MeanInterval): string {
  if (low === undefined || high === undefined) return formatNumber(mean);
  return `${formatNumber(mean)}, ${confidencePercent} % interval ${formatNumber(low)} to ${formatNumber(high)}`;
}

function secondText(comparison: Comparison | undefined): string {
  if (!comparison)
    return "The two best have no seed in common, so they cannot be compared in pairs.";
  const { difference, isDistinct } = comparison;
  const said = `In pairs over ${difference.count} common seeds the second differs by ${intervalText(difference)}`;
  if (isDistinct === undefined) {
    return "The two best have one seed in common: whether they differ by more than chance cannot be told. Run them on more seeds.";
  }
  return isDistinct
    ? `${said}: the best is better than the second by more than chance.`
    : `${said}: the two cannot be told apart. Run them on more seeds, or take whichever is cheaper.`;
}
