/**
 * @file `npm run audit`: asks the registry for known weaknesses of what is installed with the package.
 * One that is high or critical fails. A registry that does not answer does not, but is said so.
 */
import { spawnSync } from "node:child_process";

import { isJsonObject, parseJson } from "../../framework/base/json.ts";

const levels = ["critical", "high", "moderate", "low", "info"];
const { stdout, stderr } = spawnSync("npm", ["audit", "--json", "--omit=dev"], {
  encoding: "utf8",
  timeout: 60_000,
});
const answer = parseJson(stdout);
const metadata = isJsonObject(answer) ? answer["metadata"] : undefined;
const found = isJsonObject(metadata) ? metadata["vulnerabilities"] : undefined;
if (isJsonObject(found)) {
  const count = (level: string): number => Number(found[level] ?? 0);
  console.log(`audit: ${levels.map((level) => `${count(level)} ${level}`).join(", ")}`);
  if (count("critical") + count("high") > 0) {
    console.log(stdout);
    process.exitCode = 1;
  }
} else {
  const told = isJsonObject(answer) ? answer["message"] : undefined;
  const reason = typeof told === "string" ? told.split(" - ")[0] : stderr.split("\n")[0];
  console.log(`audit: NOT DONE, since the registry has not answered (${reason})`);
}
