import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../../base/errors.ts";
import type { Optimizer } from "../optimizer.ts";

/** The parameters whose names match, and the optimizer that updates them. */
export interface ParameterGroup {
  readonly parameters: RegExp;
  readonly optimizer: Optimizer;
}

/**
 * One optimizer for each group of parameters. A parameter belongs to the first group that its name
 * matches, or to `main`. States have the names they would have without groups; hyperparameters
 * have the group's name in front: `main/`, `group1/`, `group2/`, and so on.
 *
 * A schedule acts on all groups alike: their learning rates keep their proportions.
 */
export function parameterGroups(main: Optimizer, groups: readonly ParameterGroup[]): Optimizer {
  const members: readonly Member[] = [
    { name: "main", optimizer: main },
    ...groups.map(({ optimizer }, i) => ({ name: `group${i + 1}`, optimizer })),
  ];
  /** The one that `learningRate` belongs to: the first that learns at all. */
  const leader = members.find(({ optimizer }) => optimizer.learningRate > 0)?.optimizer ?? main;

  const memberOf = (parameter: string): Member =>
    members[groups.findIndex(({ parameters }) => parameter.search(parameters) >= 0) + 1]!;

  function partOf<T>(member: Member, named: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    return new Map([...named].filter(([parameter]) => memberOf(parameter) === member));
  }

  function rateOf({ optimizer }: Member, learningRate: number): number {
    if (leader.learningRate === 0) return 0;
    return learningRate * (optimizer.learningRate / leader.learningRate);
  }

  function checkGroups(names: readonly string[]): void {
    const used = new Set(names.map(memberOf));
    for (const [i, { parameters }] of groups.entries()) {
      if (!used.has(members[i + 1]!)) throw noParameter(i + 1, parameters, names);
    }
  }

  return {
    name: main.name,
    learningRate: leader.learningRate,
    learningRates: (learningRate) =>
      members.map((member) => ({
        name: member.name,
        learningRate: rateOf(member, learningRate),
        momentum: member.optimizer.momentum,
        weightDecay: member.optimizer.weightDecay,
      })),
    checkParameters: checkGroups,
    initialize(parameters, make) {
      for (const member of members) member.optimizer.initialize(partOf(member, parameters), make);
    },
    state: () => new Map(members.flatMap(({ optimizer }) => [...optimizer.state()])),
    hyperparameters: (step, learningRate) =>
      Object.fromEntries(
        members.flatMap((member) => {
          const rate = rateOf(member, learningRate);
          const own = Object.entries(member.optimizer.hyperparameters(step, rate));
          return own.map(([key, value]) => [`${member.name}/${key}`, value]);
        }),
      ),
    apply(gradients, hyperparameters, gradientScale) {
      for (const member of members) {
        const own = ownHyperparameters(member, hyperparameters);
        member.optimizer.apply(partOf(member, gradients), own, gradientScale);
      }
    },
    dispose() {
      for (const { optimizer } of members) optimizer.dispose();
    },
  };
}

interface Member {
  readonly name: string;
  readonly optimizer: Optimizer;
}

function ownHyperparameters(
  { name }: Member,
  hyperparameters: Readonly<Record<string, tf.Scalar>>,
): Record<string, tf.Scalar> {
  const prefix = `${name}/`;
  return Object.fromEntries(
    Object.entries(hyperparameters)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

function noParameter(number: number, pattern: RegExp, names: readonly string[]): InputError {
  const some = names.slice(0, 5).map((name) => `"${name}"`);
  const rest = names.length > some.length ? ` and ${names.length - some.length} more` : "";
  return new InputError(
    `Cannot form parameter group ${number}: expected a parameter that matches ${String(pattern)} and no group before it, got none of ${some.join(", ")}${rest}`,
  );
}
