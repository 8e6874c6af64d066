/** What a thread is told. */
export interface ThreadData {
  /** Names of targets, which it takes one after another. */
  readonly targets: readonly string[];
  readonly seed: number;
  /** Inputs of the first target that were kept earlier. */
  readonly corpus: readonly Uint8Array[];
  /** Number of the first input of the first target, and how many are made for each. */
  readonly from: number;
  readonly inputs: number;
  /** Milliseconds since 1970 at which it ends, at the latest. */
  readonly endMs: number;
  /** What it is doing, for whom has to end it. */
  readonly progress: SharedArrayBuffer;
  /** A file that every target reads in the place of inputs that once failed. */
  readonly input: string | undefined;
}

export interface FuzzFailure {
  readonly signature: string;
  readonly detail: string;
  readonly input: Uint8Array;
}

export interface TargetResult {
  readonly target: string;
  readonly inputs: number;
  readonly seconds: number;
  /** Characters of the watched sources that ran. */
  readonly covered: number;
  /** Inputs that were kept since they ran what none before had. */
  readonly kept: number;
  readonly slowestMs: number;
}

/** What a thread tells. */
export type ThreadMessage =
  | { readonly kind: "found"; readonly input: Uint8Array }
  | { readonly kind: "failed"; readonly target: string; readonly failure: FuzzFailure }
  /** Its memory is full of code that parsers have generated, which V8 keeps for its counts. */
  | { readonly kind: "tired"; readonly next: number }
  | { readonly kind: "ended"; readonly result: TargetResult };

/** The input that a thread is at, in shared memory: its number, how many are done, and its bytes. */
export class Progress {
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  static readonly mostBytes: number = 2 ** 20;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(32 + Progress.mostBytes)) {
    this.buffer = buffer;
    this.#numbers = new Float64Array(buffer, 0, 4);
    this.#bytes = new Uint8Array(buffer, 32);
  }

  readonly buffer: SharedArrayBuffer;

  begin(input: Uint8Array): void {
    this.#bytes.set(input.subarray(0, Progress.mostBytes));
    this.#numbers[1] = input.length;
    this.#numbers[2] = 1;
    this.#numbers[3]!++;
  }

  end(): void {
    this.#numbers[2] = 0;
    this.#numbers[0]!++;
  }

  /** Inputs that were read to their end. */
  get done(): number {
    return this.#numbers[0]!;
  }

  /** For the next target. */
  restart(done: number): void {
    this.#numbers[0] = done;
  }

  /** Grows with each input that is begun, also again. */
  get begun(): number {
    return this.#numbers[3]!;
  }

  get isBusy(): boolean {
    return this.#numbers[2] === 1;
  }

  get input(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(0, this.#numbers[1]));
  }
}
