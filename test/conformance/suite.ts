/** @file Runs TF.js's own test suite on one backend; bundled and started by main.ts. */
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js";

import { useBackend } from "../../framework/backend/register.ts";
import { bootJasmine, type Finished } from "./jasmine.ts";
import { readSuiteRequest, type SpecResult } from "./specResult.ts";

const { backend, filter } = readSuiteRequest(process.argv[2]);

/** TF.js adds the environment's name and flags to the name of a suite. */
function nameOf(fullName: string): string {
  return fullName.replaceAll(` ${backend} {}`, "");
}

function report({ fullName, status, failedExpectations }: Finished): void {
  if (status !== "passed" && status !== "failed") return;
  const result: SpecResult = {
    name: nameOf(fullName),
    passed: status === "passed",
    messages: failedExpectations.map(({ message }) => message),
  };
  process.send?.(result);
}

const jasmine = bootJasmine();
// One thread: the arrays are small, and results then do not depend on the machine.
await useBackend(backend, { threads: 1 });
setTestEnvs([{ name: backend, backendName: backend, isDataSync: true }]);
// The suite declares its specs while it is imported, for the environments known by then.
await import("@tensorflow/tfjs-core/dist/tests.js");
jasmine.configure({
  random: false,
  specFilter: (spec) => nameOf(spec.getFullName()).includes(filter),
});
jasmine.clearReporters();
jasmine.addReporter({
  specDone: report,
  suiteDone(suite) {
    if (suite.failedExpectations.length > 0) report({ ...suite, status: "failed" });
  },
});
await jasmine.execute();
process.disconnect();
