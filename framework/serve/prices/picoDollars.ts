/** Pico-dollars in a dollar. */
const decimals = 12;

/**
 * Dollars as pico-dollars, exactly: of the number's shortest decimal text, not of its binary value.
 *
 * @returns undefined for what is no whole number of them, below 0, or not finite
 */
export function picoDollarsOf(dollars: number): bigint | undefined {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(dollars)) ?? [];
  if (whole === "") return undefined;
  const digits = BigInt(whole + fraction);
  const places = decimals - fraction.length + Number(exponent);
  if (places >= 0) return digits * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

/** Dollars in decimal digits, exactly, such as `0.0000123`. */
export function dollarsText(picoDollars: bigint): string {
  const digits = String(picoDollars < 0n ? -picoDollars : picoDollars).padStart(decimals + 1, "0");
  const whole = digits.slice(0, -decimals);
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return `${picoDollars < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
