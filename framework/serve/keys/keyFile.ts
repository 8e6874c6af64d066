import { existsSync, readFileSync } from "node:fs";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { isJsonObject, parseJson } from "../../base/json.ts";
import { hashOf, newKey, type ApiKey, type KeyAllowance } from "./apiKey.ts";

/** Its owner alone reads and writes it. */
const fileMode = 0o600;

/**
 * Keys of a file; undefined where there is no such file.
 *
 * @throws {InputError} for a file that holds something else
 */
export function readKeys(file: string): ApiKey[] | undefined {
  if (!existsSync(file)) return undefined;
  const content = parseJson(readFileSync(file, "utf8"));
  if (isJsonObject(content) && Array.isArray(content["keys"])) {
    const keys: unknown[] = content["keys"];
    if (keys.every(isApiKey)) return keys;
  }
  throw new InputError(
    `Cannot read keys from ${file}: expected what "seedbed serve keys add" writes; restore the file, or delete it and make new keys`,
  );
}

/**
 * Makes a key.
 *
 * @returns the key itself, which is kept nowhere
 * @throws {InputError} for a name or an allowance that cannot be
 */
export function addKey(
  file: string,
  { name, createdAt, ...allowance }: Omit<ApiKey, "hash">,
): string {
  const keys = readKeys(file) ?? [];
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new InputError(
      `Cannot add a key named ${JSON.stringify(name)}: expected 1 to 64 letters, digits, "_", "-" or "."`,
    );
  }
  if (keys.some((each) => each.name === name)) {
    throw new InputError(`Cannot add a key named ${name}: there is one already; remove it first`);
  }
  checkAllowance(allowance);
  const key = newKey();
  writeKeys(file, [...keys, { name, hash: hashOf(key), createdAt, ...allowance }]);
  return key;
}

/** @throws {InputError} where there is no key of that name */
export function removeKey(file: string, name: string): void {
  const keys = readKeys(file) ?? [];
  const others = keys.filter((each) => each.name !== name);
  if (others.length === keys.length) {
    throw new InputError(`Cannot remove the key ${name}: ${file} has none of that name`);
  }
  writeKeys(file, others);
}

function writeKeys(file: string, keys: readonly ApiKey[]): void {
  writeFileAtomic(file, `${JSON.stringify({ keys }, null, 2)}\n`, fileMode);
}

const allowances = ["requestsPerMinute", "tokensPerMinute"] as const;

function checkAllowance(allowance: KeyAllowance): void {
  for (const name of allowances) {
    const value = allowance[name];
    if (value === undefined || isCount(value)) continue;
    throw new InputError(
      `Cannot add a key with ${name} ${value}: expected a whole number of 1 or more`,
    );
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;

function isApiKey(value: unknown): value is ApiKey {
  if (!isJsonObject(value)) return false;
  const { name, hash, createdAt } = value;
  return (
    typeof name === "string" &&
    typeof hash === "string" &&
    /^[0-9a-f]{64}$/.test(hash) &&
    typeof createdAt === "string" &&
    allowances.every((each) => value[each] === undefined || isCount(value[each]))
  );
}
