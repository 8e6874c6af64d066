import type { Range } from "./ranges.ts";

/** Round numbers within a range, about as many as asked; on a log axis powers of ten where they do. */
export function ticks([min, max]: Range, log: boolean, count: number): number[] {
  if (log && max / min >= 100) return powers(min, max, count);
  const step = roundStep((max - min) / count);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** 1, 2 or 5 times a power of ten, the next above. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 5].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return digit * power;
}

function powers(min: number, max: number, count: number): number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first) / count));
  const exponents = Array.from(
    { length: Math.floor((last - first) / every) + 1 },
    (_, i) => first + i * every,
  );
  return exponents.map((exponent) => Number(`1e${exponent}`));
}
