/** A parser under attack: what it is fed, and what it may say. */
export interface FuzzTarget {
  /** As its file. */
  readonly name: string;
  /** Inputs that others are made of. That all are refused is a failure. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the format, put in at random. */
  readonly words?: readonly string[];
  /** Sources whose blocks are counted, as beginnings of paths below the project. */
  readonly covers: readonly string[];
  /** Longest input, in bytes. Default: 4096. */
  readonly mostBytes?: number;
  /** CPU seconds that one input may take. Default: 2. */
  readonly mostSeconds?: number;
  /** Whether an error is of a kind that the parser documents besides those of `isDocumented`. */
  readonly expects?: (error: unknown) => boolean;
  /**
   * Reads an input; what it returns is looked through for objects with a foreign prototype.
   */
  run(input: Uint8Array): unknown;
  close?(): Promise<void> | void;
}

/** Text as an input. */
export const textInput = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An input as text; what is no UTF-8 becomes U+FFFD. */
export const inputText = (input: Uint8Array): string => new TextDecoder().decode(input);
