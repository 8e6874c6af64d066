/** @file `npm run conformance`: TF.js's own test suite on our backend. */
import { fork } from "node:child_process";
import { parseArgs } from "node:util";

import { conformanceExceptions } from "../../framework/backend/conformanceExceptions.ts";
import { bundleSuite } from "./bundle.ts";
import { isSpecResult, type SpecResult, type SuiteRequest } from "./specResult.ts";
import { verdictOn } from "./verdict.ts";

const usage = `Usage: npm run conformance -- [options]

Runs the test suite of @tensorflow/tfjs-core on our backend.

  --filter TEXT   only specs whose full name contains TEXT
  --backend NAME  "ort", or "cpu" to compare with TF.js's own
  --help`;

function readOptions(): SuiteRequest | undefined {
  const { values } = parseArgs({
    options: {
      filter: { type: "string", default: "" },
      backend: { type: "string", default: "ort" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { backend, filter } = values;
  if (backend === "ort" || backend === "cpu") return { backend, filter };
  throw new RangeError(`Cannot read --backend: expected ort or cpu, got "${backend}"`);
}

/** Runs the bundled suite in a process of its own. */
async function runSuite(script: string, request: SuiteRequest): Promise<SpecResult[]> {
  const child = fork(script, [JSON.stringify(request)], {
    execArgv: ["--enable-source-maps"],
    stdio: ["ignore", "ignore", "inherit", "ipc"], // some specs print
  });
  return await new Promise((resolve, reject) => {
    const results: SpecResult[] = [];
    child.on("message", (message) => {
      if (isSpecResult(message)) results.push(message);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(results);
      else reject(new Error(`Cannot run the suite: its process ended with ${code}`));
    });
  });
}

async function main(): Promise<void> {
  const request = readOptions();
  if (!request) return console.log(usage);
  const results = await runSuite(await bundleSuite(), request);
  const exceptions = request.backend === "ort" ? conformanceExceptions : [];
  const { passed, failed, messages, ok } = verdictOn(results, exceptions);
  for (const message of messages) console.log(`${message}\n`);
  if (results.length === 0)
    console.error(`Cannot find a spec with "${request.filter}" in its name`);
  console.log(`${passed} passed, ${failed} failed`);
  if (!ok) process.exitCode = 1;
}

await main();
