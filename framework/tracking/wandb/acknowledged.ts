import { parseJson } from "../../base/json.ts";
import { isRecord } from "../parameters.ts";
import type { Exchange } from "./traffic.ts";

const historyFile = "wandb-history.jsonl";

/**
 * Counts what W&B has confirmed: rows of history, each in its place, and the run's end. An answer
 * counts only when it has W&B's form, since the SDK takes any for a success.
 */
export class WandbAcknowledged {
  #rows = 0;
  #isComplete = false;

  /** Rows without a gap, from the first. */
  get rows(): number {
    return this.#rows;
  }

  /** @returns what is wrong, if anything is */
  take({ path, status, requestBody, responseBody }: Exchange): string | undefined {
    if (status < 200 || status >= 300) return `the server answered HTTP ${status}`;
    const answer = parseJson(responseBody);
    if (!isRecord(answer)) return "the server answered with something that is not W&B's";
    const { errors } = answer;
    if (Array.isArray(errors) && errors.length > 0) return messageOf(errors[0]);
    return path.endsWith("/file_stream") ? this.#takeStream(requestBody) : undefined;
  }

  /** What is missing after the end, if anything is. */
  missing(loggedRows: number): string | undefined {
    if (this.#rows < loggedRows) return `it has confirmed ${this.#rows} of ${loggedRows} rows`;
    return this.#isComplete ? undefined : "it has not confirmed the end of the run";
  }

  #takeStream(requestBody: string): string | undefined {
    const sent = parseJson(requestBody);
    if (!isRecord(sent)) return undefined;
    if (sent["complete"] === true) this.#isComplete = true;
    const { files } = sent;
    const history = isRecord(files) ? files[historyFile] : undefined;
    if (!isRecord(history)) return undefined;
    const { offset, content } = history;
    if (typeof offset !== "number" || !Array.isArray(content)) return undefined;
    if (offset > this.#rows) return `rows ${this.#rows} to ${offset - 1} were not sent`;
    this.#rows = Math.max(this.#rows, offset + content.length);
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return isRecord(error) ? String(error["message"]) : String(error);
}
