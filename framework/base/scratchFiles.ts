import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  read,
  readSync,
  rmSync,
  statfsSync,
  write,
  writeSync,
} from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { threadId } from "node:worker_threads";

import { formatByteCount } from "./byteCount.ts";
import { InputError } from "./errors.ts";

const readAsync = promisify(read);
const writeAsync = promisify(write);

/** Values start at multiples of so many bytes, a line of the cache. */
const alignment = 64;

/** Where a file holds some bytes. */
export interface FilePlace {
  readonly file: ScratchFile;
  readonly byteOffset: number;
}

/** Memory that files are read into and written from. */
type Bytes = Uint8Array<ArrayBufferLike>;

/**
 * Files of a folder that hold what need not be in memory, as long as this process lives: they have no
 * names, so that the system takes their space back however the process ends.
 */
export class ScratchFiles {
  readonly folder: string;
  readonly #owner: string;
  readonly #cure: string;
  readonly #files = new Map<string, ScratchFile>();
  #isReserved = false;

  /**
   * @param owner begins the files' names in messages
   * @param cure what to do where the folder cannot have them, for messages
   */
  constructor(folder: string, owner: string, cure: string) {
    this.folder = folder;
    this.#owner = owner;
    this.#cure = cure;
  }

  /**
   * A place for values that are 0 so far.
   *
   * @param role what they are; each has a file
   * @throws {InputError} when the folder cannot be written to
   */
  place(role: string, byteLength: number): FilePlace {
    let file = this.#files.get(role);
    if (!file) {
      file = this.#open(role);
      this.#files.set(role, file);
    }
    this.#isReserved = false;
    return { file, byteOffset: file.extend(byteLength) };
  }

  #open(role: string): ScratchFile {
    const name = path.join(this.folder, `${this.#owner}.${role}.${process.pid}.${threadId}.tmp`);
    try {
      mkdirSync(this.folder, { recursive: true });
      const handle = openSync(name, "wx+");
      rmSync(name);
      return new ScratchFile(name, handle, this.#cure, () => this.reserve());
    } catch (cause) {
      throw new InputError(`Cannot make ${name}: ${reasonOf(cause)}; ${this.#cure}`, { cause });
    }
  }

  /** Of all files. */
  get byteLength(): number {
    return [...this.#files.values()].reduce((sum, file) => sum + file.byteLength, 0);
  }

  /**
   * Looks whether the disk has room for all of it, once: values that are 0 take none yet.
   *
   * @throws {InputError} when it has not
   */
  reserve(): void {
    if (this.#isReserved) return;
    this.#isReserved = true;
    const { bavail, bsize } = statfsSync(this.folder);
    const free = bavail * bsize;
    const { byteLength } = this;
    if (free >= byteLength) return;
    throw new InputError(
      `Cannot put ${formatByteCount(byteLength)} into ${this.folder}: ${formatByteCount(free)} are free there; ${this.#cure}`,
    );
  }

  /** Gives the space back. */
  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }
}

/** One of them. */
export class ScratchFile {
  /** What it was called when it was made. */
  readonly name: string;
  readonly #handle: number;
  readonly #cure: string;
  readonly #reserve: () => void;
  #byteLength = 0;

  /** @param reserve see `ScratchFiles.reserve` */
  constructor(name: string, handle: number, cure: string, reserve: () => void) {
    this.name = name;
    this.#handle = handle;
    this.#cure = cure;
    this.#reserve = reserve;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** @returns where the new bytes begin, which are 0 */
  extend(byteLength: number): number {
    const offset = this.#byteLength;
    this.#byteLength += Math.ceil(byteLength / alignment) * alignment;
    this.#try("make", () => ftruncateSync(this.#handle, this.#byteLength));
    return offset;
  }

  /** See `ScratchFiles.reserve`. */
  reserve(): void {
    this.#reserve();
  }

  readSync(bytes: Bytes, offset: number): void {
    this.#try("read", () => {
      for (let done = 0; done < bytes.length;) {
        const { length } = bytes;
        done += this.#some(readSync(this.#handle, bytes, done, length - done, offset + done));
      }
    });
  }

  writeSync(bytes: Bytes, offset: number): void {
    this.reserve();
    this.#try("write", () => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#handle, bytes, done, bytes.length - done, offset + done);
      }
    });
  }

  async read(bytes: Bytes, offset: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { length } = bytes;
        const position = offset + done;
        const some = await readAsync(this.#handle, bytes, done, length - done, position);
        done += this.#some(some.bytesRead);
      }
    } catch (cause) {
      throw this.#failure("read", cause);
    }
  }

  async write(bytes: Bytes, offset: number): Promise<void> {
    this.reserve();
    try {
      for (let done = 0; done < bytes.length;) {
        const { length } = bytes;
        const position = offset + done;
        const some = await writeAsync(this.#handle, bytes, done, length - done, position);
        done += some.bytesWritten;
      }
    } catch (cause) {
      throw this.#failure("write", cause);
    }
  }

  /** A file that somebody has cut is not waited for. */
  #some(bytes: number): number {
    if (bytes > 0) return bytes;
    throw new RangeError(`it has ended before byte ${this.#byteLength}`);
  }

  #try(action: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw this.#failure(action, cause);
    }
  }

  #failure(action: string, cause: unknown): Error {
    return new Error(`Cannot ${action} ${this.name}: ${reasonOf(cause)}; ${this.#cure}`, { cause });
  }

  close(): void {
    closeSync(this.#handle);
  }
}

/** What the system said, without what we say ourselves. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message.replace(/, \w+( '.*')?$/, "");
}
