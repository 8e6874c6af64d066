import { InputError } from "../../base/errors.ts";

/** The environment's key that has an address with its password. */
export const journalVariable = "SEEDBED_JOURNAL";

/** Of a PostgreSQL database. */
export interface JournalAddress {
  /** With the password, if it has one: not to be shown. */
  readonly url: string;
  /** The same for messages: without user, password and options. */
  readonly shown: string;
}

const example = "postgres://user@host/database";

/**
 * Where a sweep's journal is, if it is to be in a database.
 *
 * @param option as it was typed, which wins; it must have no password, since others see what was typed
 * @throws {InputError} which never shows a password
 */
export function readJournalAddress(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): JournalAddress | undefined {
  if (option !== undefined) {
    const address = parseAddress(option, "--journal");
    if (hasPassword(address.url)) {
      throw new InputError(
        `Cannot use --journal: expected an address without a password, which others would see among the processes; put it into ${journalVariable}, PGPASSWORD or ~/.pgpass`,
      );
    }
    return address;
  }
  const variable = environment[journalVariable];
  return variable === undefined || variable === ""
    ? undefined
    : parseAddress(variable, journalVariable);
}

/** @param source what it came from, for messages: the address itself may hold a password */
function parseAddress(text: string, source: string): JournalAddress {
  if (!URL.canParse(text)) {
    throw new InputError(
      `Cannot use ${source}: expected an address such as ${example}, got one that cannot be read`,
    );
  }
  const url = new URL(text);
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw new InputError(
      `Cannot use ${source}: expected an address such as ${example}, got one that begins with ${url.protocol}`,
    );
  }
  const [, database = "", ...more] = url.pathname.split("/");
  if (database === "" || more.length > 0) {
    throw new InputError(
      `Cannot use ${source}: expected the name of a database at its end, as in ${example}`,
    );
  }
  const host = url.host || url.searchParams.get("host") || "";
  return { url: text, shown: `postgres://${decoded(host)}/${decoded(database)}` };
}

const hasPassword = (address: string): boolean => {
  const { password, searchParams } = new URL(address);
  return password !== "" || searchParams.has("password");
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
