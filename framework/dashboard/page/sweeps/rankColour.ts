/**
 * From the best (0) to the worst (1), told apart by lightness as well as by hue; grey without a rank.
 */
export function rankColour(rank: number | null, dark: boolean): string {
  if (rank === null) return dark ? "#5a635d" : "#b5bbb6";
  const lightness = dark ? 0.82 - 0.34 * rank : 0.42 + 0.4 * rank;
  return `oklch(${lightness.toFixed(3)} ${(0.13 - 0.03 * rank).toFixed(3)} ${(260 - 175 * rank).toFixed(0)})`;
}
