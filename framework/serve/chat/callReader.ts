import { HeldBackText } from "./heldBackText.ts";

/** What a model says, part by part. */
export type SaidPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "callStart"; readonly name: string }
  | { readonly kind: "callArguments"; readonly text: string };

const callStart = "<tool_call>\n";
const argumentsStart = ',"arguments":';
/** Arguments are JSON in one line, so that a line's end is none of theirs. */
const callEnd = "}\n</tool_call>";

/**
 * Reads calls out of what a model says under the constraint `callsOf`; what is no call is text, but
 * for the line's end between two calls.
 */
export class CallReader {
  #place: "text" | "name" | "arguments" = "text";
  #text = new HeldBackText([callStart]);
  #calls = 0;

  add(said: string): SaidPart[] {
    const parts: SaidPart[] = [];
    for (let rest = said; rest !== "";) {
      const { told, mark, rest: after = "" } = this.#text.add(rest);
      this.#tell(told, parts, mark !== undefined);
      if (mark === undefined) break;
      this.#turn();
      rest = after;
    }
    return parts;
  }

  end(): SaidPart[] {
    const parts: SaidPart[] = [];
    this.#tell(this.#text.end(), parts, false);
    return parts;
  }

  #name = "";

  #tell(told: string, parts: SaidPart[], isWhole: boolean): void {
    if (this.#place === "name") {
      this.#name += told;
      if (!isWhole) return;
      parts.push({ kind: "callStart", name: nameOf(this.#name) });
      this.#name = "";
    } else if (this.#place === "arguments") {
      if (told !== "") parts.push({ kind: "callArguments", text: told });
    } else if (told !== "" && !(this.#calls > 0 && told.trim() === "")) {
      parts.push({ kind: "text", text: told });
    }
  }

  #turn(): void {
    const next = { text: "name", name: "arguments", arguments: "text" } as const;
    const marks = { name: argumentsStart, arguments: callEnd, text: callStart };
    this.#place = next[this.#place];
    if (this.#place === "name") this.#calls++;
    this.#text = new HeldBackText([marks[this.#place]]);
  }
}

/** Of `{"name":"add"`. */
function nameOf(text: string): string {
  const { name }: { name: string } = JSON.parse(`${text}}`);
  return name;
}
