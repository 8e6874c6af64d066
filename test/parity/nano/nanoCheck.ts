import type { ParityTest } from "../parityCheck.ts";
import type { NanoFolder } from "./nanoFolder.ts";

/** One part of a language model that is compared with what the published libraries computed. */
export interface NanoCheck {
  readonly title: string;
  /**
   * The tests of one folder; none where there is nothing to compare. Called while tests are
   * collected: reads JSON at most, which does not count as read.
   */
  tests(folder: NanoFolder): ParityTest[];
  /** Frees what a folder's tests share, after them. */
  close?(folder: NanoFolder): Promise<void>;
}
