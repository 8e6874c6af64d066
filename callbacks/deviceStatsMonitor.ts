import os from "node:os";

import { readOptions, type Callback, type OptionsSchema, type TrainerState } from "seedbed";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {},
};

/** What the numbers are read from. */
export interface Machine {
  /** Milliseconds that each core has spent on what. */
  cpus(): readonly { readonly times: Readonly<Record<string, number>> }[];
  /** Bytes. */
  memoryUsage(): Readonly<Record<"rss" | "heapUsed" | "heapTotal" | "external", number>>;
  /** Processes that wait for a core, on average over 1, 5 and 15 minutes. */
  loadavg(): readonly number[];
}

const thisMachine: Machine = {
  cpus: os.cpus,
  memoryUsage: process.memoryUsage,
  loadavg: os.loadavg,
};

/**
 * Logs what the machine is doing before and after each logged step, as
 * `deviceStatsMonitor.onTrainBatchStart/<name>`: `cpu.percent` and `cpu.<core>.percent` since the
 * last look, the process' memory in millions of bytes, and the system's load. For display: nothing
 * should monitor it.
 */
export function deviceStatsMonitor(options: object = {}, machine: Machine = thisMachine): Callback {
  readOptions("deviceStatsMonitor", optionsSchema, options);
  let spent: CoreTime[] = [];

  function log(state: TrainerState, hook: string): void {
    if (!state.isLoggingStep) return;
    const before = spent;
    spent = coreTimes(machine);
    const stats = { ...cpuUse(before, spent), ...memory(machine), ...load(machine) };
    for (const [name, value] of Object.entries(stats)) {
      state.log(`deviceStatsMonitor.${hook}/${name}`, value);
    }
  }

  return {
    name: "deviceStatsMonitor",
    setup({ task, loggers }) {
      if (task !== "fit" || loggers.length > 0) return;
      throw new Error("Cannot log the machine's state: expected a logger, got none");
    },
    onTrainStart() {
      spent = coreTimes(machine);
    },
    onTrainBatchStart: (state) => log(state, "onTrainBatchStart"),
    onTrainBatchEnd: (state) => log(state, "onTrainBatchEnd"),
  };
}

/** Milliseconds. */
interface CoreTime {
  idle: number;
  total: number;
}

function coreTimes(machine: Machine): CoreTime[] {
  return machine.cpus().map(({ times }) => ({
    idle: times["idle"] ?? 0,
    total: Object.values(times).reduce((sum, time) => sum + time, 0),
  }));
}

/** Of each core and of all; nothing where no time has passed, as the system counts it. */
function cpuUse(before: readonly CoreTime[], now: readonly CoreTime[]): Record<string, number> {
  const passed = now.map(({ idle, total }, core) => ({
    idle: idle - (before[core]?.idle ?? idle),
    total: total - (before[core]?.total ?? total),
  }));
  const all = passed.reduce(
    (sum, { idle, total }) => ({ idle: sum.idle + idle, total: sum.total + total }),
    { idle: 0, total: 0 },
  );
  const entries = [
    ["cpu", all] as const,
    ...passed.map((time, core) => [`cpu.${core}`, time] as const),
  ];
  return Object.fromEntries(
    entries
      .filter(([, { total }]) => total > 0)
      .map(([name, { idle, total }]) => [`${name}.percent`, (100 * (total - idle)) / total]),
  );
}

function memory(machine: Machine): Record<string, number> {
  const { rss, heapUsed, heapTotal, external } = machine.memoryUsage();
  const bytes = { rss, heapUsed, heapTotal, external };
  return Object.fromEntries(
    Object.entries(bytes).map(([name, value]) => [`memory.${name}MB`, value / 1e6]),
  );
}

function load(machine: Machine): Record<string, number> {
  const [one = 0, five = 0, fifteen = 0] = machine.loadavg();
  return { "load.1": one, "load.5": five, "load.15": fifteen };
}
