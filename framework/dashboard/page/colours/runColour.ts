/**
 * Eight hues that people with any usual colour blindness can tell apart, after Okabe and Ito
 * ("Color Universal Design", 2008), as lightness, chroma and hue of OKLCH.
 */
const hues: readonly (readonly [number, number, number])[] = [
  [0.52, 0.13, 248],
  [0.63, 0.18, 45],
  [0.6, 0.13, 165],
  [0.66, 0.14, 345],
  [0.72, 0.14, 75],
  [0.7, 0.11, 230],
  [0.48, 0.19, 295],
  [0.58, 0.11, 110],
];
const lightnessBySeed = [0, 0.09, -0.09, 0.045, -0.045];

/** What a colour is made of. */
export interface Coloured {
  /** Runs that differ in their seed alone have one hue. */
  readonly group: string;
  readonly seed: number | null;
  /** The user's own, which goes before. */
  readonly colour: string | null;
}

/** The same for a run at all times and in every view: hue by group, lightness by seed. */
export function runColour({ group, seed, colour }: Coloured, dark: boolean): string {
  if (colour && /^#[0-9a-f]{6}$/i.test(colour)) return colour;
  const [lightness, chroma, hue] = hues[hueOf(group)] ?? [0.5, 0, 0];
  const shift = lightnessBySeed[Math.abs(seed ?? 0) % lightnessBySeed.length] ?? 0;
  const shown = lightness + shift + (dark ? 0.08 : 0);
  return `oklch(${shown.toFixed(3)} ${chroma} ${hue})`;
}

/** Which of the hues a group has; different groups may share one. */
export function hueOf(group: string): number {
  let hash = 2166136261;
  for (const character of group) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % hues.length;
}

const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

/** Line patterns that tell groups of one hue apart, in the order in which they are shown. */
export function dashesOf(groups: readonly string[]): readonly (readonly number[])[] {
  const seen = new Map<number, string[]>();
  return groups.map((group) => {
    const same = seen.get(hueOf(group)) ?? [];
    seen.set(hueOf(group), same);
    if (!same.includes(group)) same.push(group);
    return dashes[same.indexOf(group) % dashes.length] ?? [];
  });
}
