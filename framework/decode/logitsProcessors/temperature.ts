import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";

/** Below it logits would overflow; with it only the likeliest token is left as it is. */
const least = 1e-30;

/** Divides logits: below 1 the likeliest tokens become likelier. */
export function temperature(value: number): LogitsProcessor {
  checkOption(value > 0 && Number.isFinite(value), "temperature", "> 0", value);
  const divisor = Math.max(value, least);
  return (logits) => {
    for (let i = 0; i < logits.length; i++) logits[i]! /= divisor;
  };
}
