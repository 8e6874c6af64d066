import type * as tf from "@tensorflow/tfjs";

/** Parameters that are frozen, or trained apart from a step on. */
export interface StagedGroup {
  /** By name; the same in every stage. */
  readonly parameters: ReadonlySet<string>;
  /** Undefined: frozen, which leaves the parameters and their moments exactly as they are. */
  readonly training?: StagedTraining | undefined;
}

export interface StagedTraining {
  /** Optimizer steps before the group's first; its bias corrections count from there. */
  readonly sinceStep: number;
  /** On the learning rate that other parameters have. */
  readonly lrFactor: number;
}

type StagedGroups = ReadonlyMap<string, StagedGroup>;
type Named<Value> = ReadonlyMap<string, Value>;

/** Marks the hyperparameters of a group. */
const prefixOf = (group: string): string => `staged/${group}/`;

/** What decides which step is recorded: the groups that are frozen and those that are not. */
export const describeStages = (groups: StagedGroups): string =>
  JSON.stringify([...groups].map(([name, { training }]) => [name, training !== undefined]));

/** Those of the parameters that are not frozen. */
export function unfrozen<Value>(named: Named<Value>, groups: StagedGroups): Named<Value> {
  if (groups.size === 0) return named;
  const frozen = [...groups.values()].filter(({ training }) => !training);
  return new Map(
    [...named].filter(([name]) => !frozen.some(({ parameters }) => parameters.has(name))),
  );
}

/** Hyperparameters of the groups that are trained, by names that tell them apart. */
export function stagedHyperparameters(
  groups: StagedGroups,
  of: (training: StagedTraining) => Readonly<Record<string, number>>,
): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, { training }] of groups) {
    if (!training) continue;
    for (const [key, value] of Object.entries(of(training))) numbers[prefixOf(name) + key] = value;
  }
  return numbers;
}

/** Calls `apply` once for the parameters outside all groups, and once for each that is trained. */
export function applyStages(
  groups: StagedGroups,
  gradients: Named<tf.Tensor>,
  hyperparameters: Readonly<Record<string, tf.Scalar>>,
  apply: (gradients: Named<tf.Tensor>, hyperparameters: Record<string, tf.Scalar>) => void,
): void {
  const rest = new Map(gradients);
  for (const [name, { parameters, training }] of groups) {
    const own = new Map([...rest].filter(([parameter]) => parameters.has(parameter)));
    for (const parameter of own.keys()) rest.delete(parameter);
    if (training) apply(own, withoutPrefix(prefixOf(name), hyperparameters));
  }
  apply(rest, hyperparameters);
}

function withoutPrefix(
  prefix: string,
  hyperparameters: Readonly<Record<string, tf.Scalar>>,
): Record<string, tf.Scalar> {
  return Object.fromEntries(
    Object.entries(hyperparameters)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
