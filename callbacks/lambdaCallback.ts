import type { Callback } from "seedbed";

/** Hooks by their names. */
export type LambdaHooks = Omit<Callback, "name" | "kind" | "stateKey">;

/**
 * A callback of the hooks that it is given, for use from code:
 * `lambdaCallback({ onTrainEpochEnd: (state) => state.print("an epoch is over") })`.
 *
 * @throws {TypeError} when there is no hook, or one that is no function, as when a spec names it
 */
export function lambdaCallback(hooks: LambdaHooks): Callback {
  const entries: [string, unknown][] = Object.entries(hooks);
  const wrong = entries.find(([, hook]) => typeof hook !== "function");
  if (wrong || entries.length === 0) {
    const got = wrong ? `${typeof wrong[1]} for ${wrong[0]}` : "none";
    throw new TypeError(
      `Cannot build lambdaCallback: expected hooks that are functions, got ${got}; use it from code, not from a spec`,
    );
  }
  return { name: "lambdaCallback", ...hooks };
}
