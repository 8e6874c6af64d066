import type { RandomStream } from "seedbed";

import { between, pick } from "./tool.ts";
import { firstNames } from "./words.ts";

/** Of one to four digits, each as likely. */
export function drawInteger(random: RandomStream): number {
  return between(random, 1, 10 ** between(random, 1, 4) - 1);
}

const [consonants, vowels] = ["bdfgklmnprstvz", "aeiou"].map((letters) => Array.from(letters));

/** A first name, or one that nobody has. */
export function drawName(random: RandomStream): string {
  if (random.uniform() < 0.4) return pick(random, firstNames);
  const syllables = Array.from(
    { length: between(random, 2, 4) },
    () => pick(random, consonants!) + pick(random, vowels!),
  );
  const name = syllables.join("");
  return name[0]!.toUpperCase() + name.slice(1);
}

/** `#a1b2c3`, or letters and digits such as `KT-4821`. */
export function drawCode(random: RandomStream): string {
  const some = (from: string, count: number): string =>
    Array.from({ length: count }, () => pick(random, Array.from(from))).join("");
  return random.uniform() < 0.5
    ? `#${some("0123456789abcdef", 6)}`
    : `${some("ABCDEFGHJKLMNPRSTUVWXYZ", between(random, 1, 3))}-${some("0123456789", between(random, 2, 4))}`;
}
