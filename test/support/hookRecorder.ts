import type { BaseModule, Callback } from "seedbed";

const stateHooks = ["Fit", "Train", "Validation", "Test", "Predict", "SanityCheck"].flatMap(
  (stage) => [`on${stage}Start`, `on${stage}End`],
);
const loopHooks = ["Train", "Validation", "Test", "Predict"].flatMap((stage) =>
  ["EpochStart", "EpochEnd", "BatchStart", "BatchEnd"].map((moment) => `on${stage}${moment}`),
);

/** Every hook there is. */
export const allHooks: readonly string[] = [
  "setup",
  ...stateHooks,
  ...loopHooks,
  "onBeforeZeroGrad",
  "onBeforeBackward",
  "onAfterBackward",
  "onBeforeOptimizerStep",
  "onSaveCheckpoint",
  "onLoadCheckpoint",
  "onCheckpointSaved",
  "onException",
  "teardown",
];

const moduleMethods = [
  "configureCallbacks",
  "configureGradientClipping",
  "configureOptimizers",
  "trainingStep",
  "validationStep",
  "testStep",
  "predictStep",
];
const callbackHooks = [
  "onSanityCheckStart",
  "onSanityCheckEnd",
  "onCheckpointSaved",
  "onException",
];

/** Writes down every call as `<owner>.<hook>`. */
export class HookRecorder {
  readonly calls: string[] = [];

  callback(name: string, kind?: Callback["kind"]): Callback {
    return {
      name,
      ...(kind && { kind }),
      ...this.#listeners(name, allHooks),
      wantsCheckpoint: () => {
        this.calls.push(`${name}.wantsCheckpoint`);
        return true;
      },
    };
  }

  /** The module with its hooks and steps recorded. */
  module<Module extends BaseModule>(module: Module): Module {
    const hooks = allHooks.filter((hook) => !callbackHooks.includes(hook));
    const methods = Object.entries(module)
      .filter(([name]) => moduleMethods.includes(name))
      .map(([name, method]) => [
        name,
        (...args: unknown[]) => {
          this.calls.push(`module.${name}`);
          return method.apply(module, args);
        },
      ]);
    return { ...module, ...this.#listeners("module", hooks), ...Object.fromEntries(methods) };
  }

  #listeners(owner: string, hooks: readonly string[]): object {
    return Object.fromEntries(
      hooks.map((hook) => [hook, () => void this.calls.push(`${owner}.${hook}`)]),
    );
  }
}
