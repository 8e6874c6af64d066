/**
 * @file `npm run test:crash -- [--python PATH] [COUNT] [SEED] [SCENARIO ...]`: kills processes that train, draw, search
 * or read runs, at seeded calls that change files and at seeded moments, COUNT times, and looks whether
 * anything was lost: files are whole or absent, checkpoints are found, logs can be read, a dashboard
 * goes on answering, and what is resumed ends with the same bits. Then lets the system refuse what
 * processes ask of it. With a Python that has the packages tensorboard and wandb, their own readers
 * must find in the logs what ours find. The last line counts what held: `N passed, M failed`.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { RandomStream } from "../../framework/base/random.ts";
import { runAlone, runWithKills, type Reference } from "./breaking.ts";
import { OfficialReaders } from "./checks/officialReaders.ts";
import { WatchingDashboard } from "./dashboard.ts";
import { checkRefusal, refusals } from "./refusals.ts";
import type { Place, Scenario } from "./scenario.ts";
import { classImages } from "./scenarios/classImages.ts";
import { runIndex } from "./scenarios/runIndex.ts";
import { sweep } from "./scenarios/sweep.ts";
import { training } from "./scenarios/training.ts";
import { NotTried } from "./smallDisk.ts";

/** From so many kills on everything is tried, below it what is quick. */
const fullCount = 50;
const scenarios = [training("cpu"), runIndex, training("ort"), classImages, sweep];

const { values, positionals } = parseArgs({
  options: { python: { type: "string" } },
  allowPositionals: true,
});
const [count = 300, seed = 1] = positionals.slice(0, 2).map(Number);
const names = positionals.slice(2);
const isFull = count >= fullCount;
const mostKillsOfRound = isFull ? 8 : 3;
const isWanted = (name: string, isQuick: boolean): boolean =>
  names.length === 0 ? isFull || isQuick : names.includes(name);
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-crash-"));
const notes = path.join(folder, "notes");
const runs = path.join(folder, "runs");
for (const each of [notes, runs]) mkdirSync(each);
const place = (name: string): Place => ({ runs, name, notes });

/** Without those that have failed, which would go on failing. */
let wanted = scenarios.filter(({ name, isQuick = false }) => isWanted(name, isQuick));
const references = new Map<Scenario, Reference>();
let [kills, passed, failed, notTried] = [0, 0, 0, 0];

const readers =
  values.python === undefined ? undefined : await OfficialReaders.start(values.python);
if (!readers) console.log("Without --python TensorBoard's and W&B's own readers are not tried");
const dashboard = await WatchingDashboard.start(runs);
for (let round = 0; wanted.length > 0 && kills < count; round++) {
  const scenario = wanted[round % wanted.length]!;
  const own = place(`${scenario.name}-${round}`);
  const held = await counted(own.name, async () => {
    await runWithKills(scenario, {
      place: own,
      reference: await referenceOf(scenario),
      random: new RandomStream(seed, "crash", round),
      most: Math.min(mostKillsOfRound, count - kills),
      async onKill(how) {
        kills++;
        console.log(`  ${kills}: ${own.name} killed ${how}`);
        await dashboard.look(own);
        if (existsSync(scenario.folder(own))) await readers?.check(scenario.folder(own));
      },
    });
    await readers?.check(scenario.folder(own));
    await readers?.checkShown(scenario.folder(own));
    console.log(`${kills} kills: ${own.name} has lost nothing`);
    rmSync(scenario.folder(own), { recursive: true });
  });
  if (!held) wanted = wanted.filter((each) => each !== scenario);
}
await dashboard.stop();
await readers?.stop();
if (readers) {
  const { events, history, shown } = readers.read;
  console.log(
    `TensorBoard's reader agreed on ${events} files and ${shown} folders, W&B's on ${history} logs`,
  );
}
if (isWanted("refusals", true)) {
  for (const [i, refusal] of refusals.entries()) {
    if (!isFull && !refusal.isQuick) continue;
    const scenario = scenarios.find(
      ({ name }) => name === (refusal.scenario ?? scenarios[0]!.name),
    )!;
    await counted(refusal.title, async () => {
      const own = place(`refused-${i}`);
      await checkRefusal(scenario, refusal, {
        place: own,
        reference: await referenceOf(scenario),
      });
      console.log(`nothing is lost when ${refusal.title}`);
      rmSync(scenario.folder(own), { recursive: true, force: true });
    });
  }
}

/** Carries out a check; what it throws is said, and its files stay. @returns whether it held */
async function counted(name: string, check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    passed++;
    return true;
  } catch (error) {
    if (error instanceof NotTried) {
      notTried++;
      console.log(`${name}: not tried, ${error.message}`);
      return true;
    }
    failed++;
    console.log(`${name} FAILED, see ${folder}`, error);
    return false;
  }
}

async function referenceOf(scenario: Scenario): Promise<Reference> {
  const known = references.get(scenario);
  const reference = known ?? (await runAlone(scenario, place(`${scenario.name}-alone`)));
  references.set(scenario, reference);
  return reference;
}

if (failed === 0) rmSync(folder, { recursive: true });
const others = notTried > 0 ? `, ${notTried} skipped` : "";
console.log(`${passed} passed, ${failed} failed${others}`);
process.exitCode = failed === 0 ? 0 : 1;
