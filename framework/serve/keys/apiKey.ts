import { createHash, randomBytes } from "node:crypto";

/** What one key may take in a minute; undefined: as much as there is. */
export interface KeyAllowance {
  readonly requestsPerMinute?: number;
  /** Of prompts and answers together. */
  readonly tokensPerMinute?: number;
}

/** What is kept of a key: enough to know it again, too little to use it. */
export interface ApiKey extends KeyAllowance {
  /** Who it was made for. */
  readonly name: string;
  /** SHA-256 of the key, in hex. A key is random, so that nothing slower is needed. */
  readonly hash: string;
  /** As ISO 8601. */
  readonly createdAt: string;
}

/** A key that nobody can guess: 256 random bits. */
export const newKey = (): string => `sk-${randomBytes(32).toString("base64url")}`;

export const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");
