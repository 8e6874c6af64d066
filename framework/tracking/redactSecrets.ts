/** Text without the values of keys that the environment holds. */
export function redactSecrets(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return secretRedactor(environment)(text);
}

/** `redactSecrets` for many texts: the environment is looked at once. */
export function secretRedactor(environment: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = Object.entries(environment)
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => value ?? "")
    .filter((value) => value.length >= 16); // shorter ones may be words of a spec
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}

/** Whether a variable of that name holds a secret. */
export function isSecretName(name: string): boolean {
  return /(API_?KEY|TOKEN|SECRET|PASSWORD)$/.test(name);
}
