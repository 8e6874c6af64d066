import type * as tf from "@tensorflow/tfjs";

import { hookError, type Callback } from "./callback.ts";
import type { CheckpointContent } from "./checkpointContent.ts";
import type {
  BatchHook,
  CallbackHook,
  CheckpointHook,
  FinalHook,
  GradientHook,
  Gradients,
  HookBatch,
  Hooks,
  StateHook,
} from "./hooks.ts";
import type { Profiler } from "./profiler.ts";
import type { TrainerState } from "./trainerState.ts";

interface Listener {
  readonly hooks: Hooks & Pick<Callback, CallbackHook | "onException">;
  /** For messages. */
  readonly owner: string;
}

/**
 * Calls hooks on the callbacks, in their order, and then on the module. At the end of a training
 * epoch the module comes before callbacks that monitor or save, so that these see what it logs there.
 */
export class Listeners {
  readonly #callbacks: readonly Listener[];
  readonly #all: readonly Listener[];
  /** The first ones at the end of an epoch, and the last. */
  readonly #reporting: readonly Listener[];
  readonly #monitoring: readonly Listener[];
  readonly #profiler: Profiler | undefined;
  #running: string | undefined;

  constructor(callbacks: readonly Callback[], module: Hooks, profiler?: Profiler) {
    const own = { hooks: module, owner: "the module" };
    const monitors = callbacks.findIndex(({ kind }) => kind === "monitor" || kind === "checkpoint");
    const ordinary = monitors < 0 ? callbacks.length : monitors;
    this.#callbacks = callbacks.map((hooks) => ({ hooks, owner: `callback "${hooks.name}"` }));
    this.#all = [...this.#callbacks, own];
    this.#reporting = [...this.#callbacks.slice(0, ordinary), own];
    this.#monitoring = this.#callbacks.slice(ordinary);
    this.#profiler = profiler;
  }

  /** The hook that is being called, if one is; recorded ones aside. */
  get running(): string | undefined {
    return this.#running;
  }

  async run(hook: StateHook, state: TrainerState): Promise<void> {
    await this.#visit(hook, this.#all, ({ hooks }) => hooks[hook]?.(state));
  }

  /** @param beforeMonitors makes known what was logged so far */
  async runEpochEnd(state: TrainerState, beforeMonitors: () => void): Promise<void> {
    const hook = "onTrainEpochEnd";
    await this.#visit(hook, this.#reporting, ({ hooks }) => hooks[hook]?.(state));
    beforeMonitors();
    await this.#visit(hook, this.#monitoring, ({ hooks }) => hooks[hook]?.(state));
  }

  /** Tells every callback of a failure. @returns what failed in doing so */
  async runException(state: TrainerState, error: unknown): Promise<Error[]> {
    return this.#visitAll("onException", this.#callbacks, ({ hooks }) =>
      hooks.onException?.(state, error),
    );
  }

  /** @returns what failed; nothing keeps the others from being torn down */
  async runTeardown(state: TrainerState): Promise<Error[]> {
    return this.#visitAll("teardown", this.#all, ({ hooks }) => hooks.teardown?.(state));
  }

  /** Runs a hook that modules do not have. */
  async runOnCallbacks(hook: CallbackHook, state: TrainerState): Promise<void> {
    await this.#visit(hook, this.#callbacks, ({ hooks }) => hooks[hook]?.(state));
  }

  /** @returns whether a listener returned -1 */
  async runBatch(hook: BatchHook, state: TrainerState, batch: HookBatch): Promise<boolean> {
    let declined = false;
    await this.#visit(hook, this.#all, async ({ hooks }) => {
      if ((await hooks[hook]?.(state, batch)) === -1) declined = true;
    });
    return declined;
  }

  async runCheckpoint(
    hook: CheckpointHook,
    state: TrainerState,
    content: CheckpointContent,
  ): Promise<void> {
    await this.#visit(hook, this.#all, ({ hooks }) => hooks[hook]?.(state, content));
  }

  /** For use while a step is being recorded. */
  recordBackward(state: TrainerState, loss: tf.Scalar): void {
    this.#record("onBeforeBackward", ({ hooks }) => hooks.onBeforeBackward?.(state, loss));
  }

  /** For use while a step is being recorded; listeners may change `gradients`. */
  recordGradients(
    hook: GradientHook,
    state: TrainerState,
    gradients: Gradients,
    scale?: tf.Scalar,
  ): void {
    this.#record(hook, ({ hooks }) => hooks[hook]?.(state, gradients, scale));
  }

  async #visitAll(
    hook: FinalHook,
    listeners: readonly Listener[],
    visit: (listener: Listener) => unknown,
  ): Promise<Error[]> {
    const problems: Error[] = [];
    for (const listener of listeners) {
      await this.#visit(hook, [listener], visit).catch((error: Error) => problems.push(error));
    }
    return problems;
  }

  #record(hook: string, visit: (listener: Listener) => void): void {
    for (const listener of this.#all) {
      try {
        visit(listener);
      } catch (cause) {
        throw hookError(hook, listener.owner, cause);
      }
    }
  }

  async #visit(
    hook: StateHook | BatchHook | CallbackHook | CheckpointHook | FinalHook,
    listeners: readonly Listener[],
    visit: (listener: Listener) => unknown,
  ): Promise<void> {
    const outer = this.#running;
    for (const listener of listeners) {
      if (listener.hooks[hook] === undefined) continue;
      this.#running = hook;
      const stop = this.#profiler?.start(`${hook} of ${listener.owner}`);
      try {
        await visit(listener);
      } catch (cause) {
        throw hookError(hook, listener.owner, cause);
      } finally {
        stop?.();
        this.#running = outer;
      }
    }
  }
}
