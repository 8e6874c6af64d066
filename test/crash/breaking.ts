import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import type { RandomStream } from "../../framework/base/random.ts";
import { compareResults, type Results } from "./checks/results.ts";
import { checkWholeFiles, filesBelow, isLeftOver } from "./checks/wholeFiles.ts";
import { chooseDeath, type Census, type Death } from "./chooseFault.ts";
import { runFaultyProcess, type ProcessEnd } from "./faults/faultyProcess.ts";
import type { Place, Scenario } from "./scenario.ts";

/** What a scenario comes to when nothing goes wrong. */
export interface Reference {
  readonly results: Results;
  readonly census: Census;
}

/** Carries a scenario out undisturbed, and counts the calls that change files. */
export async function runAlone(scenario: Scenario, place: Place): Promise<Reference> {
  const census = path.join(place.notes, "census");
  rmSync(census, { force: true });
  const startMs = performance.now();
  const end = await runOnce(scenario, place, { census });
  if (end?.code !== 0) throw new Error(`Cannot run ${scenario.name}: ${end?.text}`);
  const elapsedMs = performance.now() - startMs;
  await checkWholeFiles(scenario.folder(place));
  checkNothingLeft(scenario, place);
  const calls = new Map<string, number>();
  for (const kind of readFileSync(census, "utf8").trim().split("\n")) {
    calls.set(kind, (calls.get(kind) ?? 0) + 1);
  }
  return { results: await scenario.results(place), census: { calls, elapsedMs } };
}

export interface BreakingOptions {
  readonly place: Place;
  readonly reference: Reference;
  readonly random: RandomStream;
  /** Kills of the round, at most. */
  readonly most: number;
  /** Called after each kill, when files were found whole. */
  readonly onKill: (how: string) => Promise<void>;
}

/** Carries a scenario out in processes of which each is killed, until one comes to the end. */
export async function runWithKills(scenario: Scenario, options: BreakingOptions): Promise<number> {
  const { place, reference, random, most, onKill } = options;
  let kills = 0;
  for (let tries = 0; ; tries++) {
    const mayDie = kills < most && tries < 2 * most;
    const left = 1 / (1.5 + tries / 2) / (scenario.processes ?? 1);
    const death = mayDie ? chooseDeath(scenario, reference.census, { random, left }) : undefined;
    const end = await runOnce(scenario, place, death ?? {});
    if (end === undefined) break; // it was killed when all was done
    if (end.signal === "SIGKILL" || end.happened !== undefined) {
      kills++;
      await scenario.settle?.(place);
      if (existsSync(scenario.folder(place))) await checkWholeFiles(scenario.folder(place));
      await scenario.checkLeft?.(place);
      await onKill(describe(death, end));
      if (end.code !== 0) continue;
    }
    if (end.code !== 0) throw new Error(`Cannot go on with ${place.name}: ${end.text}`);
    break;
  }
  await checkWholeFiles(scenario.folder(place));
  checkNothingLeft(scenario, place);
  compareResults(scenario.folder(place), await scenario.results(place), reference.results);
  return kills;
}

async function runOnce(
  scenario: Scenario,
  place: Place,
  how: Partial<Death> & { census?: string },
): Promise<ProcessEnd | undefined> {
  const args = scenario.nextArgs(place);
  if (args === undefined) return undefined;
  const { cwd } = scenario;
  const { fault, killAfterMs, census } = how;
  const end = await runFaultyProcess({
    ...{ args, cwd, root: place.runs, notes: place.notes },
    ...(fault && { fault }),
    ...(killAfterMs !== undefined && { killAfterMs }),
    ...(census !== undefined && { census }),
  });
  appendFileSync(
    path.join(place.notes, "log"),
    `${place.name}: ${args.slice(1).join(" ")}: ${JSON.stringify(how)}, ${end.signal ?? end.code}\n${end.text}\n`,
  );
  return end;
}

function describe(death: Death | undefined, { happened, killedByTimer }: ProcessEnd): string {
  if (killedByTimer) return `after ${death?.killAfterMs} ms`;
  const { action, when } = death?.fault ?? {};
  return `${action === "powerCut" ? "power cut " : ""}${when} ${happened}`;
}

/**
 * What killed processes have left half done is gone when all is done. A run that was killed before its
 * manifest was there has not begun: another one begins, and nobody touches its folder.
 */
function checkNothingLeft(scenario: Scenario, place: Place): void {
  if (scenario.leavesParts) return;
  const folder = scenario.folder(place);
  const hasBegun = (file: string): boolean =>
    existsSync(path.join(folder, file.split(path.sep)[0]!, "manifest.json"));
  const left = filesBelow(folder).filter((file) => isLeftOver(file) && hasBegun(file));
  if (left.length > 0) {
    throw new Error(
      `Cannot accept ${folder}: it has remains of killed processes: ${left.join(", ")}`,
    );
  }
}
