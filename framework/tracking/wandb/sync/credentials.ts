import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../../base/errors.ts";

/** Where W&B is, and as whom to speak to it. */
export interface WandbCredentials {
  /** Without a slash at its end. */
  baseUrl: string;
  key: string;
}

/**
 * The key is WANDB_API_KEY, or the password that `wandb login` wrote for the host into `~/.netrc`;
 * W&B's cloud unless WANDB_BASE_URL names another server.
 *
 * @throws {InputError} when there is no key, or the address is none
 */
export function wandbCredentials(environment: NodeJS.ProcessEnv): WandbCredentials {
  const baseUrl = wandbBaseUrl(environment);
  const { hostname } = parseAddress(baseUrl);
  const key = environment["WANDB_API_KEY"] || netrcPassword(environment, hostname);
  if (key) return { baseUrl, key };
  throw new InputError(
    `Cannot upload to W&B: expected a key in WANDB_API_KEY, or in ~/.netrc for ${hostname}, got none; yours is at ${appUrl(baseUrl)}/authorize`,
  );
}

export function wandbBaseUrl(environment: NodeJS.ProcessEnv): string {
  return (environment["WANDB_BASE_URL"] || "https://api.wandb.ai").replace(/\/+$/, "");
}

/** Where people look at what `baseUrl` keeps. */
export function appUrl(baseUrl: string): string {
  return baseUrl.replace("//api.wandb.ai", "//wandb.ai");
}

function parseAddress(baseUrl: string): URL {
  if (URL.canParse(baseUrl) && /^https?:/.test(baseUrl)) return new URL(baseUrl);
  throw new InputError(
    `Cannot upload to W&B: expected an address such as https://api.wandb.ai in WANDB_BASE_URL, got ${JSON.stringify(baseUrl)}`,
  );
}

function netrcPassword({ HOME, NETRC }: NodeJS.ProcessEnv, host: string): string | undefined {
  const file = NETRC ?? (HOME && path.join(HOME, ".netrc"));
  if (!file || !existsSync(file)) return undefined;
  const words = readFileSync(file, "utf8").split(/\s+/);
  const from = words.findIndex((word, i) => word === "machine" && words[i + 1] === host);
  if (from < 0) return undefined;
  const next = words.indexOf("machine", from + 1);
  const entry = words.slice(from, next < 0 ? undefined : next);
  const at = entry.indexOf("password");
  return at < 0 ? undefined : entry[at + 1];
}
