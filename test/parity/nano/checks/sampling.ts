import { expect } from "chai";

import * as processors from "../../../../framework/decode/logitsProcessors/index.ts";
import type { LogitsProcessor } from "../../../../framework/decode/logitsProcessors/index.ts";
import { rowOf, type Golden } from "../../fixtureSet.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedSampling {
  /** Stands for minus infinity. */
  readonly neg_inf: number;
  readonly logit_bias: Readonly<Record<string, number>>;
  readonly order_for_chain: readonly string[];
}

/** What the arrays were made with, beyond what their names say. */
const forbidden = [[3], [64, 9]];

/** What is done to logits before a token is drawn. */
export const sampling: NanoCheck = {
  title: "logits processors",
  tests(folder) {
    if (!folder.has("sampling.json")) return [];
    const recorded = folder.json<RecordedSampling>("sampling.json");
    return [
      { title: "change logits as published", run: () => compareAll(folder, recorded) },
      { title: "give the published probabilities", run: () => distributions(folder) },
    ];
  },
};

/** The processor that an array is named after, such as `top_p_0.8`. */
function processorFor(name: string, { logit_bias }: RecordedSampling): LogitsProcessor {
  const value = Number(/_([\d.]+)$/.exec(name)?.[1]);
  if (name.startsWith("temperature")) return processors.temperature(value);
  if (name.startsWith("top_k")) return processors.topK(value);
  if (name.startsWith("top_p")) return processors.topP(value);
  if (name.startsWith("min_p")) return processors.minP(value);
  if (name.startsWith("typical")) return processors.typical(value);
  if (name.startsWith("epsilon")) return processors.epsilon(value);
  if (name.startsWith("eta")) return processors.eta(value);
  if (name.startsWith("repetition")) return processors.repetitionPenalty(value);
  if (name === "bad_words") return processors.badWords(forbidden);
  if (name === "logit_bias") {
    const pairs = Object.entries(logit_bias).map(([id, bias]): [number, number] => [Number(id), bias]); // prettier-ignore
    return processors.logitBias(new Map(pairs));
  }
  const size = /^no_repeat_(\d+)gram$/.exec(name)?.[1];
  if (size !== undefined) return processors.noRepeatNgram(Number(size));
  const penalties = /^openai_freq([\d.]+)_pres([\d.]+)$/.exec(name);
  if (penalties) {
    const [frequencyPenalty, presencePenalty] = [Number(penalties[1]), Number(penalties[2])];
    return processors.countPenalties({ frequencyPenalty, presencePenalty });
  }
  throw new RangeError(`Cannot compare "${name}": no such processor`);
}

const notProcessors = new Set(["chain_probs", "logprobs", "top5_ids", "top5_logprobs"]);

function compareAll(folder: NanoFolder, recorded: RecordedSampling): void {
  const golden = folder.golden("sampling");
  const names = golden.names
    .filter((name) => name.startsWith("out."))
    .map((name) => name.slice("out.".length))
    .filter((name) => !notProcessors.has(name));
  expect(names).to.have.length.above(10);
  for (const name of names) {
    const parts = name === "chain" ? recorded.order_for_chain : [name];
    for (const row of rowsOf(golden, name)) {
      const logits = row.logits.slice();
      for (const part of parts) processorFor(part, recorded)(logits, row.ids);
      compare(name, logits, row.expected, recorded);
    }
  }
}

interface Row {
  readonly logits: Float32Array;
  readonly ids: Int32Array;
  readonly expected: Float32Array;
}

function rowsOf(golden: Golden, name: string): Row[] {
  const ids = golden.host(name.startsWith("no_repeat") ? "ids_repeat" : "ids");
  const [all, out] = [golden.host("logits"), golden.host(`out.${name}`)];
  return Array.from({ length: all.shape[0]! }, (_, i) => ({
    logits: Float32Array.from(rowOf(all, i).values),
    ids: Int32Array.from(rowOf(ids, i).values),
    expected: Float32Array.from(rowOf(out, i).values),
  }));
}

function compare(
  what: string,
  logits: Float32Array,
  expected: Float32Array,
  { neg_inf }: Pick<RecordedSampling, "neg_inf">,
): void {
  for (const [i, value] of expected.entries()) {
    if (value <= neg_inf / 2) expect(logits[i], `${what}, token ${i}`).to.equal(-Infinity);
    else expect(logits[i], `${what}, token ${i}`).to.be.closeTo(value, 1e-5);
  }
}

function distributions(folder: NanoFolder): void {
  const golden = folder.golden("sampling");
  const recorded = folder.json<RecordedSampling>("sampling.json");
  const top = golden.host("out.top5_logprobs");
  const [topIds, chained] = [golden.host("out.top5_ids"), golden.host("out.chain_probs")];
  for (const [i, { logits, ids, expected }] of rowsOf(golden, "logprobs").entries()) {
    const logs = processors.logProbabilities(logits);
    compare("logprobs", Float32Array.from(logs), expected, recorded);
    const best = processors.topLogProbabilities(logits, 5);
    expect(best.map(({ id }) => id)).to.deep.equal([...rowOf(topIds, i).values]);
    const bestLogs = Float32Array.from(best, ({ logProbability }) => logProbability);
    compare("top5_logprobs", bestLogs, Float32Array.from(rowOf(top, i).values), recorded);
    for (const part of recorded.order_for_chain) processorFor(part, recorded)(logits, ids);
    const each = Float32Array.from(processors.probabilities(logits));
    compare("chain_probs", each, Float32Array.from(rowOf(chained, i).values), recorded);
  }
}
