import { readFileSync } from "node:fs";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { AppendFile } from "./appendFile.ts";
import type { LogPoint } from "./logger.ts";

export interface CsvRow extends LogPoint {
  readonly metrics: Readonly<Record<string, number>>;
}

/** A file of comma-separated values, as RFC 4180 has them, whose columns grow. */
export class CsvTable {
  readonly #file: string;
  readonly #columns = new Set<string>();
  #heading = "";
  #log: AppendFile;

  /** Writes the file anew. */
  constructor(file: string, rows: readonly CsvRow[]) {
    this.#file = file;
    for (const name of namesIn(rows)) this.#columns.add(name);
    this.#heading = headingOf(this.#columns);
    writeFileAtomic(file, this.#heading + rows.map((row) => this.#line(row)).join(""));
    this.#log = new AppendFile(file);
  }

  hasColumns(row: CsvRow): boolean {
    return namesIn([row]).every((name) => this.#columns.has(name));
  }

  /** Writes rows at the end; where they have new columns, earlier rows get empty cells. */
  append(rows: readonly CsvRow[]): void {
    const added = namesIn(rows).filter((name) => !this.#columns.has(name));
    if (added.length > 0) this.#widen(added);
    this.#log.append(rows.map((row) => this.#line(row)).join(""));
  }

  sync(): void {
    this.#log.sync();
  }

  close(): void {
    this.#log.close();
  }

  #widen(added: readonly string[]): void {
    for (const name of added) this.#columns.add(name);
    this.#log.sync();
    const text = readFileSync(this.#file, "utf8");
    const rows = text.slice(this.#heading.length).replaceAll("\n", `${",".repeat(added.length)}\n`);
    this.#heading = headingOf(this.#columns);
    this.#log.close();
    writeFileAtomic(this.#file, this.#heading + rows);
    this.#log = new AppendFile(this.#file);
  }

  #line({ step, epoch, wallTimeSeconds, metrics }: CsvRow): string {
    const cells = Array.from(this.#columns, (name) =>
      Object.hasOwn(metrics, name) ? metrics[name] : "",
    );
    return `${[step, epoch, wallTimeSeconds, ...cells].join(",")}\n`;
  }
}

/** Of metrics that need a column: an epoch has one already. */
function namesIn(rows: readonly CsvRow[]): string[] {
  const names = rows.flatMap(({ metrics, epoch }) =>
    Object.keys(metrics).filter((name) => name !== "epoch" || metrics[name] !== epoch),
  );
  return [...new Set(names)];
}

function headingOf(columns: ReadonlySet<string>): string {
  return `${["step", "epoch", "wallTimeSeconds", ...columns].map(quote).join(",")}\n`;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
