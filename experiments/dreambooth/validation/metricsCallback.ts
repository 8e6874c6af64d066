import {
  broadcastText,
  hooksEvery,
  readEvery,
  type Callback,
  type TrainerState,
  type World,
} from "seedbed";

export interface MetricsCallbackOptions {
  /** As `sampleImages` takes it. */
  everyNSteps: number | string | null;
  world: World;
  /** Measures with the weights to publish; called on rank 0 alone. */
  measure: () => Promise<Readonly<Record<string, number>>>;
  /** Aborted while `measure` runs: its error is passed over, since the Trainer ends the fit itself. */
  signal: AbortSignal;
}

/** Logs metrics now and then, on every worker what rank 0 measured. */
export function metricsCallback(options: MetricsCallbackOptions): Callback {
  const { everyNSteps, world } = options;
  const every = everyNSteps === null ? null : readEvery(everyNSteps);
  return {
    name: "validationMetrics",
    ...hooksEvery(every, async (state) => {
      const own = world.rank === 0 ? pack(await measured(state, options)) : "";
      const place = `validation metrics at step ${state.step}`;
      state.logDict(unpack(await broadcastText(world, place, own)));
    }),
  };
}

async function measured(
  state: TrainerState,
  { measure, signal }: MetricsCallbackOptions,
): Promise<Readonly<Record<string, number>>> {
  try {
    return await state.withExportWeights(measure);
  } catch (error) {
    if (!signal.aborted) throw error;
    return {};
  }
}

/** JSON has no NaN. */
function pack(metrics: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.entries(metrics).map(([name, value]) => [name, String(value)]));
}

function unpack(text: string): Record<string, number> {
  const entries: [string, string][] = JSON.parse(text);
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
}
