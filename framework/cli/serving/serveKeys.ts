import { textTable } from "../../base/textTable.ts";
import type { KeyAllowance } from "../../serve/keys/apiKey.ts";
import { addKey, readKeys, removeKey } from "../../serve/keys/keyFile.ts";
import type { Terminal } from "../terminal.ts";

/** Where keys are kept when the user does not say. */
export const defaultKeyFile = "serve-keys.json";

export interface AddServeKeyOptions {
  readonly name: string;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly file: string | undefined;
}

/** Makes a key, and prints it. */
export function addServeKey(
  { name, requestsPerMinute, tokensPerMinute, file = defaultKeyFile }: AddServeKeyOptions,
  { print }: Terminal,
): void {
  const key = addKey(file, {
    name,
    createdAt: new Date().toISOString(),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
  });
  print(key);
  print(`The key of ${name}. It is shown this once; ${file} keeps only its hash`);
}

/** Prints whom there are keys for, and what they may take. */
export function listServeKeys(file: string = defaultKeyFile, { print }: Terminal): void {
  const keys = readKeys(file) ?? [];
  if (keys.length === 0) {
    print(`No keys in ${file}`);
    return;
  }
  const rows = keys.map((key) => [
    key.name,
    key.createdAt.slice(0, 16).replace("T", " "),
    allowanceText(key),
  ]);
  for (const line of textTable([["name", "made (UTC)", "may take in a minute"], ...rows]))
    print(line);
}

function allowanceText({ requestsPerMinute, tokensPerMinute }: KeyAllowance): string {
  const parts = [
    ...(requestsPerMinute === undefined ? [] : [`${requestsPerMinute} requests`]),
    ...(tokensPerMinute === undefined ? [] : [`${tokensPerMinute} tokens`]),
  ];
  return parts.join(", ") || "all";
}

/** Takes a key back; servers that are running refuse it within a second. */
export function removeServeKey(
  name: string,
  file: string = defaultKeyFile,
  { print }: Terminal,
): void {
  removeKey(file, name);
  print(`Removed the key of ${name}`);
}
