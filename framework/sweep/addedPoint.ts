import { InputError } from "../base/errors.ts";
import { suggest } from "../base/nearest.ts";
import { parseSpecText } from "../spec/parseSpecText.ts";
import { scalar, toPlain, type SpecNode } from "../spec/specNode.ts";
import type { SweepParameter } from "../spec/sweepParameters.ts";
import { canonicalJson } from "../tracking/parameters.ts";
import { activePoint, meetsConstraints, type Point, type SearchSpace } from "./point.ts";
import { toMultiple } from "./sampleDomain.ts";
import { openUniform, pointStream, unitPoint } from "./unitPoint.ts";

/** Draws of what was not given, until constraints are met. */
const maxTries = 100;

/**
 * A point of a sweep's space from words such as `optimizer.learningRate=0.01`; a choice is named by its
 * value in YAML or its label. What is not given is drawn as `random` does.
 *
 * @param seed decides the draws
 * @param number of points that were added before, which decides them too
 * @throws {InputError} for what the space does not have
 */
export function addedPoint(
  space: SearchSpace,
  words: readonly string[],
  { seed, number }: { readonly seed: number; readonly number: number },
): Point {
  const given = new Map(words.map((word) => readWord(space, word)));
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const drawn = unitPoint({ ...space, parameters: space.parameters.map(always) }, ({ name }) =>
      openUniform(pointStream(seed, `sweep add ${name}`, number, attempt)),
    );
    const point = activePoint(space, new Map([...drawn, ...given]));
    for (const name of given.keys()) {
      if (!point.has(name)) fail(`${name} has no value where the others are as given`);
    }
    if (meetsConstraints(space, point)) return point;
  }
  const texts = space.constraints.map(({ text }) => text).join(", ");
  return fail(`expected values that meet the constraints ${texts}`);
}

/** Without its conditions, which are looked at when all values are there. */
const always = (parameter: SweepParameter): SweepParameter => ({ ...parameter, when: [] });

function readWord({ parameters }: SearchSpace, word: string): [name: string, value: SpecNode] {
  const equals = word.indexOf("=");
  if (equals < 1) fail(`expected parameter=value, got "${word}"`);
  const [name, text] = [word.slice(0, equals), word.slice(equals + 1)];
  const parameter = parameters.find((each) => each.name === name);
  if (!parameter) {
    const known = parameters.map((each) => each.name);
    fail(`the sweep has no parameter "${name}"${suggest(name, known)}`);
  }
  return [name, readValue(parameter, text)];
}

function readValue({ name, domain, labels, origin }: SweepParameter, text: string): SpecNode {
  const plain = toPlain(parseSpecText(text, "command line", name.split(".")));
  if (domain.kind === "categorical") {
    const key = canonicalJson(plain);
    const byValue = domain.values.findIndex((value) => canonicalJson(toPlain(value)) === key);
    const index = byValue < 0 ? (labels?.indexOf(text) ?? -1) : byValue;
    if (index >= 0) return domain.values[index]!;
    const known = domain.values.map((value) => canonicalJson(toPlain(value))).join(", ");
    fail(`${name} is one of ${known}, got ${text}`);
  }
  const { kind, min, max, q } = domain;
  if (typeof plain !== "number" || !Number.isFinite(plain))
    fail(`${name} is a number, got ${text}`);
  if (plain < min || plain > max) fail(`${name} is from ${min} to ${max}, got ${text}`);
  if (kind === "int_uniform" && !Number.isInteger(plain)) {
    fail(`${name} is a whole number, got ${text}`);
  }
  const isOff = kind.startsWith("q_") && Math.abs(toMultiple(plain, q) - plain) > 1e-9 * q;
  if (isOff) fail(`${name} is a multiple of ${q}, got ${text}`);
  return scalar(plain, origin);
}

function fail(problem: string): never {
  throw new InputError(`Cannot add a trial: ${problem}`);
}
