/** @file The part of jasmine-core that the suite needs; its own types would clash with mocha's. */
import { createRequire } from "node:module";

/** A spec, or a suite with what failed before or after its specs. */
export interface Finished {
  fullName: string;
  /** Of a spec "passed", "failed", "pending" or "excluded". */
  status: string;
  failedExpectations: readonly { message: string }[];
}

interface Jasmine {
  configure: (options: {
    random: boolean;
    specFilter: (spec: { getFullName: () => string }) => boolean;
  }) => void;
  clearReporters: () => void;
  addReporter: (reporter: {
    specDone: (spec: Finished) => void;
    suiteDone: (suite: Finished) => void;
  }) => void;
  execute: () => Promise<unknown>;
}

interface JasmineCore {
  boot: (core: JasmineCore) => { getEnv: () => Jasmine };
}

function isJasmineCore(value: unknown): value is JasmineCore {
  return typeof value === "object" && value !== null && "boot" in value;
}

/** Gives `describe`, `expect` and the like to the whole process, where the suite looks for them. */
export function bootJasmine(): Jasmine {
  const core: unknown = createRequire(import.meta.url)("jasmine-core");
  if (!isJasmineCore(core)) throw new TypeError("Cannot boot jasmine-core: it has no boot()");
  return core.boot(core).getEnv();
}
