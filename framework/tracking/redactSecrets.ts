import { isRecord, type Parameters } from "./parameters.ts";

/** Text without secrets: values of the environment's keys, and what looks like one. */
export function redactSecrets(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return secretRedactor(environment)(text);
}

/** `redactSecrets` for many texts: the environment is looked at once. */
export function secretRedactor(environment: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = knownSecrets(environment);
  return (text) => {
    const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), text);
    return redactLookalikes(known);
  };
}

/** Values of the environment's keys, in every way they may be written, the longest first. */
export function knownSecrets(environment: NodeJS.ProcessEnv): string[] {
  const values = Object.entries(environment)
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => value ?? "")
    .filter((value) => value.length >= 16); // shorter ones may be words of a spec
  return [...new Set(values.flatMap(writings))].toSorted((a, b) => b.length - a.length);
}

/** Words of a command; what follows an option such as `--api-key` is a secret, however short. */
export function redactCommand(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const redact = secretRedactor(environment);
  return words.map((word, i) => {
    const isValue = secretOption.test(words[i - 1] ?? "") && !word.startsWith("-");
    return isValue ? redacted : redact(word);
  });
}

/** Settings without secrets: of keys and texts what `redactSecrets` leaves, and nothing of a `password`. */
export function redactParameters(
  parameters: Parameters,
  environment: NodeJS.ProcessEnv,
): Parameters {
  const redact = secretRedactor(environment);
  const clean = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each: unknown) => clean(each, key));
    if (isRecord(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [redact(name), clean(each, name)]),
      );
    }
    if (typeof value !== "string") return value;
    return secretSetting.test(key) && value.length >= 8 ? redacted : redact(value);
  };
  return Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [redact(key), clean(value, key)]),
  );
}

/** Whether something was taken out of a text. */
export const hasRedacted = (text: string): boolean => text.includes(redacted);

/** Whether a variable of that name holds a secret. */
export function isSecretName(name: string): boolean {
  return /(API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|_PWD|CREDENTIALS?|_PAT|_AUTH)$/i.test(
    name,
  );
}

const secretSetting = /(api[-_]?key|password|passwd|secret|(access|auth)[-_]?token)$/i;
/** What takes a secret's place. */
export const redacted = "[redacted]";
const secretOption = /^--?[\w-]*(api-?key|password|passwd|secret|(access|auth)-?token)$/i;

/** A value as it is, within JSON, and within an address. */
function writings(value: string): string[] {
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
}

/** Around a private key: of PEM, and of PGP. */
export const keyBegin: string = String.raw`-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----`;
export const keyEnd: string = String.raw`-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----`;

/** A colour's sequence ends with a letter, as if it were a part of the word behind it. */
const wordBegin = String.raw`(?:\b|(?<=\u001b\[[\d;?]*[A-Za-z]))`;

/** A word by its beginning, which is sought first: a text is searched ten times as fast. */
const word = (beginning: string, rest: string): string =>
  `${beginning}(?<=${wordBegin}${beginning})${rest}`;

/** Keys of services that can be told by how they begin, and what signs a request. */
const tokens = new RegExp(
  [
    word("hf_", "[A-Za-z0-9]{30,}"),
    word("wandb_v1_", "[A-Za-z0-9_]{30,}"),
    word("gh[oprsu]_", "[A-Za-z0-9]{30,}"),
    word("github_pat_", String.raw`\w{30,}`),
    word("glpat-", String.raw`[\w-]{20,}`),
    word("npm_", "[A-Za-z0-9]{30,}"),
    word("xox[abeprs]-", String.raw`[\w-]{20,}`),
    word("sk-", String.raw`[\w-]{32,}`),
    word("AKIA", String.raw`[0-9A-Z]{16}\b`),
    word("AIza", String.raw`[\w-]{35}`),
    word("eyJ", String.raw`[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}`),
    String.raw`${keyBegin}(?:(?:(?!-----)[^]){0,20000}${keyEnd}|[\w+/=\\\s]*)`,
  ].join("|"),
  "g",
);
const bearer = new RegExp(
  String.raw`(${word("(?:Bearer|Basic)", "")}) +(?!\[redacted\])[\w.~+/-]{16,}=*`,
  "g",
);
/** Between the slashes and the host: a user with a password, or a token alone. */
const inAddress = /(:\/\/)(?:[^\s/@:"']*:[^\s/@"']+|[^\s/@:"'[]{20,})@/g;
/** Backslashes, unless they are a quote's: in JSON within JSON they are part of its end. */
const backslashes = String.raw`\\+(?!["'\\])`;
const inQuery = new RegExp(
  String.raw`([?&](?:token|key|api_?key|access_token|secret|password|sig|signature|X-Amz-Signature)=)(?!\[redacted\])(?:[^\s&#"'\\]|${backslashes}){8,}`,
  "gi",
);
/** A setting that is named like a secret; a number stays, which JSON may hold without quotes. */
const setting = new RegExp(
  String.raw`((?:api[-_]?key|password|passwd|secret|(?:access|auth)[-_]?token)\\*["']?\s*[:=]\s*\\*["']?)(?!\[redacted\]|[-+\d.eE]+(?:[\s,}\]]|$))(?:[^\s"',}\]\\]|${backslashes}){8,}`,
  "gi",
);

/** Text without what looks like a secret. */
export function redactLookalikes(text: string): string {
  return text
    .replaceAll(tokens, redacted)
    .replaceAll(bearer, `$1 ${redacted}`)
    .replaceAll(inAddress, `$1${redacted}@`)
    .replaceAll(inQuery, `$1${redacted}`)
    .replaceAll(setting, `$1${redacted}`);
}
