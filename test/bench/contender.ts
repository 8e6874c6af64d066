import { peerTitles, type Peer } from "./peers/peer.ts";
import { median, quantile } from "./statistics.ts";

/** Both sides add in another order, and the difference grows with each step. */
const lossTolerance = 1e-3;
/** TF.js peers that need longer have few turns; PyTorch has all. */
const slowMs = 5000;
const slowTurns = 2;

/** How a peer did a workload. */
export interface PeerTimes {
  /** Median time. */
  ms: number;
  /** Median of the turns' ratios of its time to ours: above 1 we are faster. */
  ratio: number;
  /** First and third quartile of the ratio. */
  quartiles: readonly [number, number];
  /** Most memory of its process, in millions of bytes. */
  peakMb: number;
}

/** Why there are no times. */
export interface PeerFailure {
  reason: string;
  /** What its backend lacks, if that is the reason: `kernel Erf`, or `memory`. */
  lacks?: string;
}

export type PeerResult = PeerTimes | PeerFailure;

/** A peer at one workload: what its turns came to. Once it failed it has no more. */
export class Contender {
  readonly #peer: Peer;
  readonly #times: number[] = [];
  readonly #ratios: number[] = [];
  #runs = 0;
  #slow = false;
  #failure: PeerFailure | undefined;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get name(): Peer["name"] {
    return this.#peer.name;
  }

  /** One step before the measured ones, of which a slow peer has one. */
  async warmUp(ourLosses: readonly (number | undefined)[]): Promise<void> {
    if (!this.#slow) await this.#run(ourLosses);
  }

  /** A measured step. */
  async turn(
    ourMs: number,
    repeats: number,
    ourLosses: readonly (number | undefined)[],
  ): Promise<void> {
    const ms = await this.#run(ourLosses);
    if (ms === undefined) return;
    this.#times.push(ms / repeats);
    this.#ratios.push(ms / repeats / ourMs);
  }

  /** Whether it is to be asked again. */
  get hasTurns(): boolean {
    return !this.#failure && !(this.#slow && this.#times.length >= slowTurns);
  }

  async result(): Promise<PeerResult> {
    if (this.#failure) return this.#failure;
    return {
      ms: median(this.#times),
      ratio: median(this.#ratios),
      quartiles: [quantile(this.#ratios, 0.25), quantile(this.#ratios, 0.75)],
      peakMb: await this.#peer.peakMb(),
    };
  }

  /** @returns undefined once it failed */
  async #run(ourLosses: readonly (number | undefined)[]): Promise<number | undefined> {
    if (this.#failure) return undefined;
    try {
      const { ms, loss } = await this.#peer.run();
      if (this.#runs < ourLosses.length) {
        checkLoss(this.#runs, ourLosses[this.#runs], loss, peerTitles[this.name]);
      }
      this.#runs++;
      this.#slow = this.name !== "pytorch" && ms > slowMs;
      return ms;
    } catch (error) {
      this.#failure = failureOf(error);
      this.#peer.stop();
      return undefined;
    }
  }
}

/** What a peer's error says about it. */
export function failureOf(error: unknown): PeerFailure {
  const reason = error instanceof Error ? error.message : String(error);
  const kernel = /Kernel '(\w+)' not registered/.exec(reason)?.[1];
  if (kernel) return { reason, lacks: `kernel ${kernel}` };
  return /out of memory/i.test(reason) ? { reason, lacks: "memory" } : { reason };
}

function checkLoss(
  step: number,
  ours: number | undefined,
  theirs: number | undefined,
  title: string,
): void {
  if (ours === undefined && theirs === undefined) return;
  if (ours !== undefined && theirs !== undefined) {
    if (Math.abs(ours - theirs) <= lossTolerance * Math.abs(theirs)) return;
  }
  throw new Error(
    `Cannot compare: the losses of step ${step} must agree within ${lossTolerance}, got ${ours} and ${title}'s ${theirs}`,
  );
}
