/** What we are compared with, in the order of the report. */
export const peerNames = ["pytorch", "tfjs-node", "wasm"] as const;
export type PeerName = (typeof peerNames)[number];

/** What a reader calls each. */
export const peerTitles: Readonly<Record<PeerName, string>> = {
  pytorch: "PyTorch",
  "tfjs-node": "tfjs-node",
  wasm: "wasm",
};

/** The command that gives a peer its work: see `peer.py` and `tfjsProcess.ts`. */
export type PeerWork = { command: "load" | "sampling" | "operation" | "prepare" } & Record<
  string,
  unknown
>;

/** One turn at the work. */
export interface PeerTurn {
  ms: number;
  /** Undefined where the work has none. */
  loss: number | undefined;
}

/** Another framework, which works only when told to. */
export interface Peer {
  readonly name: PeerName;
  /** Does the work once. The time is taken over there, without the way to and fro. */
  run(): Promise<PeerTurn>;
  /** Most memory it has had, in millions of bytes. */
  peakMb(): Promise<number>;
  stop(): void;
}
