import path from "node:path";

/** What a checkpoint holds of a fit that goes back where losses or gradients are not finite. */
export interface RollBacksState {
  /** Roll backs so far. */
  count: number;
  /** Those since the last good checkpoint that training had got beyond a roll back for. */
  inARow: number;
  /** Step of the last one; 0: there was none. */
  lastAt: number;
  /** Steps of which nothing is left in the weights. */
  lost: { after: number; upTo: number }[];
  /** Checkpoints to go back to, the newest last, as paths from the folder they were written to. */
  targets: string[];
}

/**
 * What a fit has gone back for, and where it can go back to: checkpoints that were asked for, which
 * an interruption adds nothing to, so that a resumed fit goes back to the same ones.
 */
export class RollBacks {
  readonly #folder: string;
  readonly #mostInARow: number;
  #count = 0;
  #inARow = 0;
  #lastAt = 0;
  #lost: readonly { readonly after: number; readonly upTo: number }[] = [];
  #targets: readonly string[] = [];

  /**
   * @param folder that checkpoints go to
   * @param mostInARow roll backs that may follow each other without a good checkpoint in between
   */
  constructor(folder: string, mostInARow: number) {
    this.#folder = folder;
    this.#mostInARow = mostInARow;
  }

  get count(): number {
    return this.#count;
  }

  get inARow(): number {
    return this.#inARow;
  }

  get mostInARow(): number {
    return this.#mostInARow;
  }

  /** Checkpoints to go back to, the newest first. */
  get candidates(): string[] {
    return this.#targets.map((target) => path.resolve(this.#folder, target)).toReversed();
  }

  /** Whether nothing of a step is left in the weights, since training went back to before it. */
  isLost(step: number): boolean {
    return this.#lost.some(({ after, upTo }) => after < step && step <= upTo);
  }

  /** How many of the steps after `since` are lost. */
  lostSteps(since: number): number {
    return this.#lost.reduce(
      (sum, { after, upTo }) => sum + Math.max(0, upTo - Math.max(after, since)),
      0,
    );
  }

  /**
   * A good checkpoint is about to be written.
   *
   * @param names that it will have
   * @param kept checkpoints that somebody keeps; others may be gone soon
   */
  add(names: Iterable<string>, step: number, kept: ReadonlySet<string>): void {
    const added = [...names];
    if (added.length === 0) return;
    const others = this.#targets.filter((target) => kept.has(target) && !added.includes(target));
    this.#targets = [...others, ...added];
    if (step > this.#lastAt) this.#inARow = 0;
  }

  /** Whether training may go back once more. */
  get mayGoBack(): boolean {
    return this.#inARow < this.#mostInARow;
  }

  /**
   * Training goes back at a step to what a checkpoint holds.
   *
   * @param to the checkpoint's step
   */
  goBack(step: number, to: number): void {
    this.#count++;
    this.#inARow++;
    this.#lastAt = step;
    const before = this.#lost.filter(({ after }) => after < to);
    this.#lost = [...before, { after: to, upTo: step }];
  }

  /** A checkpoint that is damaged, or not finite itself, is never gone back to. */
  forget(candidate: string): void {
    this.#targets = this.#targets.filter(
      (target) => path.resolve(this.#folder, target) !== candidate,
    );
  }

  state(): RollBacksState {
    return {
      count: this.#count,
      inARow: this.#inARow,
      lastAt: this.#lastAt,
      lost: this.#lost.map((range) => ({ ...range })),
      targets: [...this.#targets],
    };
  }

  /**
   * @param checkpoint folder that a fit is resumed from
   * @param state undefined where it was written without roll backs: then it is what to go back to
   */
  restore(checkpoint: string, state?: RollBacksState): void {
    const targets = state?.targets ?? [path.basename(checkpoint)];
    this.#targets = targets.map((target) =>
      path.relative(this.#folder, path.resolve(path.dirname(checkpoint), target)),
    );
    if (state) this.#resume(state);
  }

  /** Goes on from an earlier fit, of which nothing is left to go back to. */
  continue(earlier: RollBacks): void {
    this.#resume(earlier.state());
  }

  #resume({ count, inARow, lastAt, lost }: RollBacksState): void {
    [this.#count, this.#inARow, this.#lastAt, this.#lost] = [count, inARow, lastAt, lost];
  }
}
