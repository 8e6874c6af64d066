import path from "node:path";

import { readRecords } from "../../tracking/metricsFile.ts";
import { compareRecords, type RecordComparison } from "../../tracking/recordDifference.ts";
import { readManifest, type RunManifest } from "../../tracking/runManifest.ts";
import {
  compareLastCheckpoints,
  type CheckpointComparison,
} from "../../training/checkpointDifference.ts";

/** What a program ends with that has found a difference. */
export const differenceExitCode = 1;

/** Something that both runs have made, or used, with other content. */
export interface ContentDifference {
  readonly name: string;
  /** SHA-256 of both; undefined where one has none. */
  readonly hashes: readonly [string | undefined, string | undefined];
}

/** What two runs came to, side by side. */
export interface OutcomeComparison {
  readonly records: RecordComparison;
  /** Undefined where there are no checkpoints of one step. */
  readonly checkpoints: CheckpointComparison | undefined;
  /** Data that the runs used, which decides all else. */
  readonly data: readonly ContentDifference[];
  /** Files and folders that the runs made. */
  readonly outputs: readonly ContentDifference[];
}

/** Compares what was logged, weights and all that is beside them, data and files of two runs' folders. */
export function compareOutcomes(first: string, second: string): OutcomeComparison {
  const [one, other] = [readManifest(first), readManifest(second)];
  return {
    records: compareRecords(readRecords(first), readRecords(second)),
    checkpoints: compareLastCheckpoints(
      path.join(first, "checkpoints"),
      path.join(second, "checkpoints"),
    ),
    data: contentDifferences(dataOf(one), dataOf(other)),
    outputs: contentDifferences(outputsOf(one), outputsOf(other)),
  };
}

/** Whether nothing differs, and there was something to compare. */
export function isBitIdentical({
  records,
  checkpoints,
  data,
  outputs,
}: OutcomeComparison): boolean {
  const differences = [records.differences, checkpoints?.differences ?? [], data, outputs];
  const equal = records.equal + (checkpoints?.equal ?? 0);
  return equal > 0 && differences.every(({ length }) => length === 0);
}

type Hashes = ReadonlyMap<string, string>;

const dataOf = ({ data }: RunManifest): Hashes =>
  new Map(Object.entries(data).map(([name, { sha256 }]) => [name, sha256]));

/** Checkpoints have times in them, and are compared tensor by tensor. */
const outputsOf = ({ artifacts = [] }: RunManifest): Hashes =>
  new Map(
    artifacts.flatMap(({ name, type, direction, sha256 }) =>
      direction === "output" && type !== "checkpoint" && sha256 !== null ? [[name, sha256]] : [],
    ),
  );

function contentDifferences(first: Hashes, second: Hashes): ContentDifference[] {
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((name) => ({ name, hashes: [first.get(name), second.get(name)] as const }))
    .filter(({ hashes: [one, other] }) => one !== other);
}

const mostShown = 10;

/** What `compareOutcomes` has found, for a person: the verdict first. */
export function outcomeLines(outcome: OutcomeComparison): string[] {
  const { records, checkpoints, data, outputs } = outcome;
  const lines = [
    verdict(outcome),
    ...shown(data, ({ name }) => `  data ${name} is another`),
    ...shown(
      records.differences,
      ({ name, step, values }) =>
        `  ${name} first at step ${step}: ${values.map(brief).join(", ")}`,
    ),
    ...shown(
      checkpoints?.differences ?? [],
      ({ name, differing, size, largest }) =>
        `  ${name} at step ${checkpoints!.step}: ${differing} of ${size} values, by up to ${largest}`,
    ),
    ...shown(outputs, ({ name }) => `  ${name} has other content`),
  ];
  const { ofTheMachine } = records;
  if (ofTheMachine.length === 0) return lines;
  return [
    ...lines,
    `Not compared, since they tell how fast the machine was: ${ofTheMachine.join(", ")}`,
  ];
}

function verdict(outcome: OutcomeComparison): string {
  const { records, checkpoints } = outcome;
  if (isBitIdentical(outcome)) {
    const tensors = checkpoints
      ? `${checkpoints.equal} tensors of the checkpoint at step ${checkpoints.step}`
      : "no checkpoint of one step";
    return `Bit-identical up to step ${records.upToStep}: ${records.equal} logged values, ${tensors}`;
  }
  const [first] = records.differences;
  if (first) {
    return `Not the same: ${first.name} differs first, at step ${first.step} of ${records.upToStep}`;
  }
  if (records.equal + (checkpoints?.equal ?? 0) === 0)
    return "Nothing to compare: one has logged nothing";
  return `Not the same, though all ${records.equal} logged values are`;
}

function shown<T>(differences: readonly T[], describe: (difference: T) => string): string[] {
  const more = differences.length - mostShown;
  return [
    ...differences.slice(0, mostShown).map(describe),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

const longest = 60;

function brief(value = "nothing"): string {
  return value.length > longest ? `${value.slice(0, longest)}…` : value;
}
