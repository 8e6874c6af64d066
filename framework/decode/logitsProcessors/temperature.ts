import { checkOption, type LogitsProcessor } from "./logitsProcessor.ts";

/** Divides logits: below 1 the likeliest tokens become likelier. */
export function temperature(value: number): LogitsProcessor {
  checkOption(value > 0 && Number.isFinite(value), "temperature", "> 0", value);
  return (logits) => {
    for (let i = 0; i < logits.length; i++) logits[i]! /= value;
  };
}
