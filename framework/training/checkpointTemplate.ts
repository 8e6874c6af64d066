/** Numbers by name: `epoch`, `step` and the metrics. */
type Values = Readonly<Record<string, number>>;

const placeholder = /\{([^{}:]+)(?::([^{}]*))?\}/g;
const formatPattern = /^(0?)(\d*)(?:\.(\d+))?([def]?)$/;

/**
 * A checkpoint's name with numbers in it, in Lightning's notation: `{epoch:03d}-{val/loss:.2f}`
 * gives `epoch=003-val_loss=0.25`. A checkpoint is one folder, so a "/" in a metric's name, or
 * whatever else cannot be in a file name, becomes "_". Unknown metrics count as 0.
 *
 * @param insertNames whether `name=` is put before each number
 * @throws {RangeError} when the template, or one of its formats, cannot be used
 */
export function checkpointTemplate(
  template: string,
  insertNames = true,
): (values: Values) => string {
  const literals = template.replaceAll(placeholder, "");
  if (/[^\w.=+ -]/.test(literals) || template.startsWith(".") || template === "") {
    throw new RangeError(
      `Cannot use checkpoint name "${template}": expected letters, digits, "-", "_", "=", "+", "." and placeholders such as {epoch:03d} or {val/loss:.2f}`,
    );
  }
  for (const [, , format = ""] of template.matchAll(placeholder)) checkFormat(template, format);
  return (values) =>
    template.replaceAll(placeholder, (_all, name: string, format = "") => {
      const number = formatNumber(values[name] ?? 0, format);
      return insertNames ? `${fileName(name)}=${number}` : number;
    });
}

const fileName = (metric: string): string => metric.replaceAll(/[^\w.=+-]/g, "_");

function checkFormat(template: string, format: string): void {
  if (formatPattern.test(format)) return;
  throw new RangeError(
    `Cannot use checkpoint name "${template}": expected a format such as 03d, .2f or .1e, got "${format}"`,
  );
}

/** Formats as Python does, where `d` rounds. */
function formatNumber(value: number, format: string): string {
  const [, zero, width = "", precision, kind] = formatPattern.exec(format) ?? [];
  const digits = precision === undefined ? undefined : Number(precision);
  const text = render(Math.abs(value), kind ?? "", digits);
  const sign = value < 0 ? "-" : "";
  if (zero) return sign + text.padStart(Number(width) - sign.length, "0");
  return (sign + text).padStart(Number(width));
}

function render(value: number, kind: string, digits: number | undefined): string {
  if (!Number.isFinite(value)) return String(value);
  if (kind === "d") return String(Math.round(value));
  if (kind === "f") return value.toFixed(digits ?? 6);
  if (kind === "e") return value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
  return digits === undefined ? String(value) : String(Number(value.toPrecision(digits)));
}
