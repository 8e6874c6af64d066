import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

import { isRunning } from "../base/isRunning.ts";
import type { MpiLibrary } from "./mpiLibrary.ts";
import type { Transport } from "./transport.ts";
import { WorkerError, type WorkerProblem } from "./workerError.ts";

/** MPI_THREAD_SERIALIZED: any thread may call, one at a time. */
const serialized = 2;

/** How long a worker that waits looks for the others without a pause. */
const eagerMs = 20;
const napMs = 1;
const aliveCheckMs = 1000;

/** A process on this host, whose end is noticed. */
export interface WatchedProcess {
  readonly rank: number;
  readonly pid: number;
}

/**
 * Transport over MPI. One call is made at a time: what waits for the slowest worker is polled from
 * here, so that waiting costs no processor; what moves data blocks a worker thread, where MPI is
 * fastest. Errors of MPI's own end all processes, as is its default.
 */
export class MpiTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: MpiLibrary;
  #watched: readonly WatchedProcess[] = [];
  #death: WorkerError | undefined;
  /** Memory of the running call: nothing else need refer to it any more, and it would be freed. */
  readonly #inUse = new Set<unknown>();

  /** @throws {Error} when MPI does not allow calls of several threads */
  constructor(mpi: MpiLibrary) {
    const { calls, abi, file } = mpi;
    const number = nativeInts();
    calls.MPI_Init_thread(null, null, serialized, number);
    if (number[0]! < serialized) {
      throw new Error(
        `Cannot use ${file}: expected MPI_THREAD_SERIALIZED (${serialized}), it gives ${number[0]}`,
      );
    }
    this.#mpi = mpi;
    calls.MPI_Comm_rank(abi.world, number);
    this.rank = number[0]!;
    calls.MPI_Comm_size(abi.world, number);
    this.size = number[0]!;
  }

  /** Other workers whose end is to be an error here, rather than a wait without end. */
  watch(processes: readonly WatchedProcess[]): void {
    this.#watched = processes.filter(({ pid }) => isRunning(pid)); // others may be out of sight, as in a container
  }

  async meet(numbers: Float64Array, isPatient: () => boolean = () => true): Promise<void> {
    this.#checkAlive();
    const { calls, abi } = this.#mpi;
    const { inPlace, double, max, world } = abi;
    const request = new BigUint64Array(new ArrayBuffer(8));
    this.#use(numbers, request);
    calls.MPI_Iallreduce(inPlace, numbers, numbers.length, double, max, world, request);
    const flag = nativeInts();
    const isDone = (): boolean => {
      calls.MPI_Test(request, flag, abi.ignoreStatus);
      return flag[0] !== 0;
    };
    const start = performance.now();
    for (let checked = start; !isDone();) {
      const now = performance.now();
      if (now - checked > aliveCheckMs) {
        const dead = this.#findDead();
        if (dead && !isDone()) throw dead; // who has met us last may be gone already
        checked = now;
      }
      if (!isPatient()) throw new Error("Cannot wait any longer for the other workers");
      await (now - start < eagerMs ? nextTurn() : sleep(napMs));
    }
  }

  async sum(numbers: Float32Array): Promise<void> {
    const { float, sum } = this.#mpi.abi;
    await this.#reduce(numbers, float, sum);
  }

  async or(bytes: Uint8Array): Promise<void> {
    const { byte, bitOr } = this.#mpi.abi;
    await this.#reduce(bytes, byte, bitOr);
  }

  async broadcast(bytes: Uint8Array, from: number): Promise<void> {
    const { calls, abi } = this.#mpi;
    await this.#blocking(bytes, (done) =>
      calls.MPI_Bcast.async(bytes, bytes.length, abi.byte, from, abi.world, done),
    );
  }

  finalize(): void {
    this.#mpi.calls.MPI_Finalize();
  }

  abort(exitCode: number): void {
    this.#mpi.calls.MPI_Abort(this.#mpi.abi.world, exitCode);
  }

  async #reduce(
    values: Float32Array | Uint8Array,
    type: bigint | number,
    operation: bigint | number,
  ): Promise<void> {
    const { calls, abi } = this.#mpi;
    const { inPlace, world } = abi;
    await this.#blocking(values, (done) =>
      calls.MPI_Allreduce.async(inPlace, values, values.length, type, operation, world, done),
    );
  }

  /** All workers are known to be here; the call blocks a thread of koffi's. */
  async #blocking(
    values: ArrayBufferView,
    call: (done: (error: unknown) => void) => void,
  ): Promise<void> {
    this.#checkAlive();
    this.#use(values);
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        try {
          this.#checkAlive();
        } catch (error) {
          clearInterval(timer);
          reject(error); // the call never returns
        }
      }, aliveCheckMs);
      const finish = (error: unknown): void => {
        clearInterval(timer);
        if (error) reject(error);
        else resolve();
      };
      call(finish);
    });
  }

  /** Memory stays until the next call. */
  #use(...memory: readonly ArrayBufferView[]): void {
    this.#inUse.clear();
    for (const each of memory) this.#inUse.add(each);
  }

  #checkAlive(): void {
    const dead = this.#findDead();
    if (dead) throw dead;
  }

  #findDead(): WorkerError | undefined {
    const dead = this.#watched.find(({ pid }) => !isRunning(pid));
    if (dead) this.#death ??= deathOf(dead);
    return this.#death;
  }
}

const nativeInts = (): Int32Array => new Int32Array(new ArrayBuffer(8));

function deathOf({ rank, pid }: WatchedProcess): WorkerError {
  const message = `its process ${pid} has died`;
  const problems: WorkerProblem[] = [];
  problems[rank] = { message, exitCode: 1, isInterrupted: false };
  return new WorkerError(Array.from(problems));
}
