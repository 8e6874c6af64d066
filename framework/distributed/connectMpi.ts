import { readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";

import { InputError } from "../base/errors.ts";
import { ConnectedWorld } from "./connectedWorld.ts";
import type { Launch } from "./launcher.ts";
import { loadMpi } from "./mpiLibrary.ts";
import { MpiTransport } from "./mpiTransport.ts";

/** Workers connected through MPI. */
export interface MpiWorld {
  readonly world: ConnectedWorld;
  /** This worker's share of the processors that it may use. */
  readonly threads: number;
  /** Where the workers are, in words. */
  readonly description: string;
}

interface Place {
  readonly host: string;
  readonly pid: number;
  /** The processors that the process may run on, as its system calls them. */
  readonly processors: string;
}

/**
 * Starts MPI in this process.
 *
 * @throws {InputError} when there is no library, or another MPI's launcher started the workers
 */
export async function connectMpi(
  launch: Launch,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<MpiWorld> {
  const library = loadMpi(launch, environment);
  const transport = new MpiTransport(library);
  if (transport.size !== launch.size) {
    throw new InputError(
      `Cannot train on ${launch.size} workers: ${library.file} sees ${transport.size} where rank ${launch.rank} was started, so it is not the library of the MPI that started it; put that one's path in SEEDBED_LIBMPI`,
    );
  }
  const world = new ConnectedWorld(transport);
  const own: Place = { host: hostname(), pid: process.pid, processors: processors() };
  const texts = await world.gather("the start", JSON.stringify(own));
  const places = texts.map((text): Place => JSON.parse(text));
  const neighbours = places
    .map(({ host, pid }, rank) => ({ host, pid, rank }))
    .filter(({ host, rank }) => host === own.host && rank !== world.rank);
  transport.watch(neighbours);
  return {
    world,
    threads: threadsFor(own, places),
    description: describePlaces(places, library.file),
  };
}

/** Workers that may run on the same processors share them. */
function threadsFor({ host, processors: own }: Place, places: readonly Place[]): number {
  const sharing = places.filter((place) => place.host === host && place.processors === own);
  return Math.max(1, Math.floor(availableParallelism() / sharing.length));
}

/** Launchers may bind a process to some processors; only Linux tells. */
function processors(): string {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? "";
  } catch {
    return "";
  }
}

function describePlaces(places: readonly Place[], file: string): string {
  const hosts = [...new Set(places.map(({ host }) => host))];
  const where = hosts.length === 1 ? hosts[0] : `${hosts.length} hosts`;
  return `${places.length} workers on ${where}, through ${file}`;
}
