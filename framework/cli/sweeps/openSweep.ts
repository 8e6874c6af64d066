import { existsSync } from "node:fs";

import { readAttachment, checkNotAttached } from "../../sweep/postgres/attachment.ts";
import { journalVariable, readJournalAddress } from "../../sweep/postgres/journalAddress.ts";
import type { ServerSweep } from "../../sweep/postgres/serverSweep.ts";
import { SweepFolder } from "../../sweep/sweepFolder.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";
import { hashParameters } from "../../tracking/parameters.ts";
import { packageVersion } from "../packageVersion.ts";

export interface OpenSweepOptions {
  readonly runsFolder: string;
  /** Address of a database, as it was typed; the environment may have one as well. */
  readonly journal?: string | undefined;
  readonly warn: (line: string) => void;
  /** Whether trials are to come. */
  readonly starts: boolean;
}

/** A sweep's folder, and its journal if that is in a database. */
export interface OpenedSweep {
  readonly folder: SweepFolder;
  readonly server?: ServerSweep;
}

/**
 * Opens a sweep's folder, after it was brought up to date where its journal is in a database.
 *
 * @throws {InputError} when that cannot be used
 */
export async function openSweep(
  plan: TrialPlan,
  { runsFolder, journal, warn, starts }: OpenSweepOptions,
): Promise<OpenedSweep> {
  const { spec, id, warmStart } = plan;
  const address = readJournalAddress(journal, process.env);
  const folder = new SweepFolder(runsFolder, spec.name);
  if (!address) {
    if (starts) checkNotAttached(folder.path);
    return { folder };
  }
  delete process.env[journalVariable]; // trials need no password
  const isOwn = existsSync(folder.journalFile) && !readAttachment(folder.path);
  if (isOwn && !starts && journal === undefined) return { folder };
  const { openServerSweep } = await import("../../sweep/postgres/serverSweep.ts");
  const server = await openServerSweep({
    ...{ address, runsFolder, warn, starts },
    plan: {
      ...{ id, name: spec.name, version: packageVersion() },
      warmStart: warmStart ? hashParameters({ ...warmStart }) : "",
      sharesCheckpoints: spec.pbt !== undefined,
    },
  });
  return { folder: server.folder, server };
}
