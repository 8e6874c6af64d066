import type { FixtureSet } from "./fixtureSet.ts";

export interface ParityTest {
  /** Finishes the sentence that the check's title begins. */
  readonly title: string;
  /** Left out of `npm test`. */
  readonly slow?: boolean;
  readonly run: () => Promise<void> | void;
}

/** One part of a pipeline that is compared with what the published libraries computed. */
export interface ParityCheck {
  readonly title: string;
  /** Golden files it needs, and of which it uses every array. */
  readonly files: readonly string[];
  /**
   * The tests of one set, as its manifest asks for them. Called while tests are collected: reads
   * the manifest at most.
   */
  tests(set: FixtureSet): ParityTest[];
}
