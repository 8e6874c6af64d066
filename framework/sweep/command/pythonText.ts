import { toPlain, type SpecNode } from "../../spec/specNode.ts";

/** What Python's `str()` makes of a value, as W&B passes it to a program. */
export function pythonText(node: SpecNode): string {
  const value = toPlain(node);
  return typeof value === "string" ? value : representation(node);
}

/** Python's `repr()`. */
function representation(node: SpecNode): string {
  if (node.kind === "list") return `[${node.items.map(representation).join(", ")}]`;
  if (node.kind === "mapping") {
    const entries = [...node.entries].map(
      ([key, each]) => `${quote(key)}: ${representation(each)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  const { value, source } = node;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quote(value);
  return numberText(value, source);
}

/**
 * JSON whose numbers Python's parsers, those of YAML too, read as what they are: floats stay floats,
 * and one with an exponent has a point, without which YAML 1.1 has it as text.
 */
export function pythonJson(node: SpecNode): string {
  if (node.kind === "list") return `[${node.items.map(pythonJson).join(", ")}]`;
  if (node.kind === "mapping") {
    const entries = [...node.entries].map(
      ([key, each]) => `${JSON.stringify(key)}: ${pythonJson(each)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  const { value, source } = node;
  if (typeof value !== "number") return JSON.stringify(value);
  return numberText(value, source).replace(/^(-?\d+)e/, "$1.0e");
}

function numberText(value: number, source: string): string {
  if (/^[-+]?\d+$/.test(source)) return String(value);
  const isFloat = source.includes(".");
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${value}${isFloat ? ".0" : ""}`;
  const [digits = "", power = ""] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) return String(value);
  const padded = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits}e${exponent < 0 ? "-" : "+"}${padded}`;
}

/** Double quotes where that saves escapes, as Python does. */
function quote(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`)
    .replaceAll("\t", String.raw`\t`);
  if (!text.includes("'")) return `'${escaped}'`;
  return text.includes('"') ? `'${escaped.replaceAll("'", String.raw`\'`)}'` : `"${escaped}"`;
}
