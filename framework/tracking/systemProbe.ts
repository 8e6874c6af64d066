import { existsSync, statfsSync } from "node:fs";
import os from "node:os";

/**
 * Looks at the machine and at this process. Percentages are since the last look.
 *
 * - `cpu`: percent of all cores that are busy
 * - `load.1`, `load.5`, `load.15`: processes that want a core, over so many minutes
 * - `memory.percent`, `memory.usedMB`: of the machine
 * - `process.cpu`: percent of one core, more than 100 for several
 * - `process.memory.rssMB`, `process.memory.heapMB`
 * - `disk.percent`, `disk.freeMB`: of the disk that has the run's folder
 *
 * MB are millions of bytes.
 */
export class SystemProbe {
  readonly #folder: string;
  #cores = coreTimes();
  #process = processTimes();

  constructor(folder: string) {
    this.#folder = folder;
  }

  look(): Record<string, number> {
    return { ...this.#cpu(), ...load(), ...this.#memory(), ...this.#disk() };
  }

  #cpu(): Record<string, number> {
    const [cores, own] = [coreTimes(), processTimes()];
    const total = cores.total - this.#cores.total;
    const busy = total - (cores.idle - this.#cores.idle);
    const passedMs = own.atMs - this.#process.atMs;
    const usedMs = own.usedMs - this.#process.usedMs;
    this.#cores = cores;
    this.#process = own;
    return {
      ...(total > 0 && { cpu: (100 * busy) / total }),
      ...(passedMs > 0 && { "process.cpu": (100 * usedMs) / passedMs }),
    };
  }

  #memory(): Record<string, number> {
    const [total, used] = [os.totalmem(), os.totalmem() - os.freemem()];
    const { rss, heapUsed } = process.memoryUsage();
    return {
      "memory.percent": (100 * used) / total,
      "memory.usedMB": used / 1e6,
      "process.memory.rssMB": rss / 1e6,
      "process.memory.heapMB": heapUsed / 1e6,
    };
  }

  #disk(): Record<string, number> {
    if (!existsSync(this.#folder)) return {};
    const { bsize, blocks, bavail } = statfsSync(this.#folder);
    if (blocks === 0) return {};
    return {
      "disk.percent": 100 * (1 - bavail / blocks),
      "disk.freeMB": (bavail * bsize) / 1e6,
    };
  }
}

/** Milliseconds over all cores, since the machine was started. */
function coreTimes(): { idle: number; total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of os.cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}

function processTimes(): { usedMs: number; atMs: number } {
  const { user, system } = process.cpuUsage();
  return { usedMs: (user + system) / 1000, atMs: performance.now() };
}

function load(): Record<string, number> {
  const [one = 0, five = 0, fifteen = 0] = os.loadavg();
  return { "load.1": one, "load.5": five, "load.15": fifteen };
}
