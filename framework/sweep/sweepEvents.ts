import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import type { Domain } from "../spec/distributions.ts";
import { toPlain } from "../spec/specNode.ts";
import type { SweepSpec } from "../spec/sweepSpec.ts";
import { flattenParameters } from "../tracking/parameters.ts";
import { frameRecord } from "../tracking/tensorBoard/eventFile.ts";
import {
  encodeEvent,
  encodeHParams,
  hparamType,
  hparamValue,
  type HParamInfo,
  type HParamsExperiment,
  type ProtoValue,
} from "../tracking/tensorBoard/proto.ts";
import { emptyTensor } from "../tracking/tensorBoard/summaryTensors.ts";
import { variedParameters } from "./pointLabels.ts";

/** TensorBoard takes it for an event file; it is no run's, and one file for all times the sweep is run. */
export const sweepEventsName = "events.out.tfevents.0000000000.seedbed.sweep";

/**
 * Writes TensorBoard's record of an experiment: what a sweep searches, and what it looks at. Without
 * it TensorBoard takes every setting of every trial for a hyperparameter.
 *
 * @param folder of the sweep's runs: what TensorBoard is given as its log folder
 * @param nowSeconds since 1970, for display only
 */
export function writeSweepEvents(folder: string, spec: SweepSpec, nowSeconds: number): void {
  const wallTime = nowSeconds;
  const content = encodeHParams({ experiment: experimentOf(spec) });
  const metadata = { pluginData: { pluginName: "hparams", content } };
  const value = [{ tag: "_hparams_/experiment", tensor: emptyTensor, metadata }];
  const events = [
    { wallTime, fileVersion: "brain.Event:2", sourceMetadata: { writer: "seedbed.sweep" } },
    { wallTime, step: 0, summary: { value } },
  ];
  const records = events.map((event) => frameRecord(encodeEvent(event)));
  writeFileAtomic(path.join(folder, sweepEventsName), Buffer.concat(records));
}

function experimentOf(spec: SweepSpec): HParamsExperiment {
  const { name, objectives } = spec;
  return {
    name,
    hparamInfos: variedParameters(spec).flatMap((each) => infosOf(each.name, each.domain)),
    metricInfos: objectives.map((each) => ({ name: { tag: each.name }, displayName: each.name })),
  };
}

/** A choice between groups of settings is several hyperparameters there: each has its own name. */
function infosOf(name: string, domain: Domain): HParamInfo[] {
  if (domain.kind !== "categorical") return [{ name, ...numbersOf(domain), differs: true }];
  const values = new Map<string, Set<string | number | boolean>>();
  for (const node of domain.values) {
    for (const [key, value] of flattenParameters({ [name]: toPlain(node) })) {
      const known = values.get(key) ?? new Set();
      values.set(key, known.add(value));
    }
  }
  return Array.from(values, ([key, set]) => ({ name: key, ...choiceOf([...set]), differs: true }));
}

type DomainInfo = Pick<HParamInfo, "type" | "domainInterval" | "domainDiscrete">;

/** A distribution without bounds has no domain there. */
function numbersOf({ min, max }: { min: number; max: number }): DomainInfo {
  const type = hparamType.number;
  if (!Number.isFinite(min) || !Number.isFinite(max)) return { type };
  return { type, domainInterval: { minValue: min, maxValue: max } };
}

function choiceOf(values: readonly (string | number | boolean)[]): DomainInfo {
  const kinds = new Set(values.map((value) => typeof value));
  const kind = kinds.size === 1 ? typeof values[0] : "string";
  const type = kind === "boolean" || kind === "number" ? hparamType[kind] : hparamType.string;
  return {
    type,
    domainDiscrete: { values: values.map((value): ProtoValue => hparamValue(value)) },
  };
}
