import { ConnectedWorld } from "../../framework/distributed/connectedWorld.ts";
import type { Transport } from "../../framework/distributed/transport.ts";

type Numbers = Float64Array | Float32Array | Uint8Array;
type Combine = (a: number, b: number) => number;

/** Where the transports of one process meet. */
class MeetingPoint {
  readonly #size: number;
  #waiting: { numbers: Numbers; resolve: () => void }[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when all have come; each then has the combined numbers. */
  async combine(numbers: Numbers, combine: Combine): Promise<void> {
    const done = new Promise<void>((resolve) => this.#waiting.push({ numbers, resolve }));
    if (this.#waiting.length === this.#size) this.#finish(combine);
    await done;
  }

  #finish(combine: Combine): void {
    const all = this.#waiting;
    this.#waiting = [];
    const total = all[0]!.numbers.map((_, i) =>
      all.map(({ numbers }) => numbers[i]!).reduce(combine),
    );
    for (const { numbers, resolve } of all) {
      numbers.set(total);
      resolve();
    }
  }
}

/** Worlds of as many workers, all in this process. Each must be used by a flow of its own. */
export function memoryWorlds(
  size: number,
  onLeave: (rank: number) => void = () => {},
): ConnectedWorld[] {
  const point = new MeetingPoint(size);
  return Array.from({ length: size }, (_, rank) => {
    const transport: Transport = {
      rank,
      size,
      meet: (numbers) => point.combine(numbers, (a, b) => Math.max(a, b)),
      sum: (numbers) => point.combine(numbers, (a, b) => a + b),
      or: (bytes) => point.combine(bytes, (a, b) => a | b),
      broadcast(bytes, from) {
        if (rank !== from) bytes.fill(0);
        return point.combine(bytes, (a, b) => a | b);
      },
      finalize: () => onLeave(rank),
      abort() {},
    };
    return new ConnectedWorld(transport);
  });
}

/** Runs one flow for each of as many workers; gives what each returned, or the error it ended with. */
export async function together<Result>(
  size: number,
  work: (world: ConnectedWorld) => Promise<Result>,
): Promise<(Result | Error)[]> {
  return Promise.all(
    memoryWorlds(size).map((world) =>
      work(world).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
    ),
  );
}
