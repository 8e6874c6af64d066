import { InputError } from "../../base/errors.ts";

/** The system's or PostgreSQL's code of an error; of several tries, that of the first. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error) || !("code" in error)) return "";
  return String(error.code);
}

const awayCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOENT"],
  ...["ENETDOWN", "ECONNABORTED", "EAI_AGAIN", "ENOTFOUND"],
]);
/** Classes of PostgreSQL's codes: connections, what it lacks, a stop by somebody, an error of the system. */
const awayClasses = new Set(["08", "53", "57", "58"]);
/** Of transactions that others were in the way of, or that took too long. */
const againCodes = new Set(["25P03", "40001", "40P01", lockTimeout()]);
/** What pg says without a code. */
const awayWords = /terminat|timeout|not queryable|socket|closed/i;

/** Of PostgreSQL, when a lock was not given in time. */
export function lockTimeout(): string {
  return "55P03";
}

/** Whether the same may succeed later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof InputError) return false;
  const code = codeOf(error);
  if (awayCodes.has(code) || againCodes.has(code)) return true;
  if (/^[0-9A-Z]{5}$/.test(code)) return awayClasses.has(code.slice(0, 2));
  return error instanceof Error && awayWords.test(error.message);
}

/** What to tell of an error of a server. @param shown its address, without secrets */
export function serverProblem(error: unknown, shown: string): Error {
  if (error instanceof InputError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const problem = explain(codeOf(error), said);
  return new InputError(`Cannot use the journal ${shown}: ${problem}`, { cause: error });
}

function explain(code: string, said: string): string {
  if (code === "28P01" || code === "28000" || said.startsWith("SASL")) {
    return `expected a user and a password that the server takes, got: ${said}; the password may be in SEEDBED_JOURNAL, PGPASSWORD or ~/.pgpass`;
  }
  switch (code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return `nobody answers there (${code}); start the server, or correct the address`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its host is not known (${code}); correct the address`;
    case "3D000":
      return `${said}; make it with createdb, or correct the address`;
    case "42501":
      return `expected a user that may use it, got: ${said}; its owner gives the rights with GRANT`;
  }
  if (code === "" && awayWords.test(said)) return `the connection broke (${said})`;
  return said || code || "the server has failed";
}
