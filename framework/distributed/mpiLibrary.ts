import koffi, { type KoffiFunc, type LibraryHandle } from "koffi";

import { InputError } from "../base/errors.ts";
import { keepLoaded } from "../base/keepLoaded.ts";
import { deepenStack } from "../base/nativeStack.ts";
import type { Launch } from "./launcher.ts";

/** A handle of MPI's, such as a communicator: an address in Open MPI, an int in MPICH. */
type Handle = bigint | number;

/**
 * What differs between implementations below one and the same C interface.
 *
 * Sources: mpi.h of Open MPI 4.1 and of MPICH 4.0, whose binary interface is also that of Intel
 * MPI, MVAPICH and Cray MPICH (the MPICH ABI compatibility initiative).
 */
interface Abi {
  readonly handleType: "void *" | "int";
  readonly inPlace: bigint;
  readonly ignoreStatus: bigint;
  readonly world: Handle;
  readonly float: Handle;
  readonly double: Handle;
  readonly byte: Handle;
  readonly max: Handle;
  readonly sum: Handle;
  readonly bitOr: Handle;
}

const mpichAbi: Abi = {
  handleType: "int",
  inPlace: -1n,
  ignoreStatus: 1n,
  world: 0x44000000,
  float: 0x4c00040a,
  double: 0x4c00080b,
  byte: 0x4c00010d,
  max: 0x58000001,
  sum: 0x58000003,
  bitOr: 0x58000008,
};

/** Open MPI's handles are the addresses of variables of its library. */
function openMpiAbi(library: LibraryHandle): Abi {
  const addressOf = (name: string): bigint => koffi.address(library.symbol(name));
  return {
    handleType: "void *",
    inPlace: 1n,
    ignoreStatus: 0n,
    world: addressOf("ompi_mpi_comm_world"),
    float: addressOf("ompi_mpi_float"),
    double: addressOf("ompi_mpi_double"),
    byte: addressOf("ompi_mpi_byte"),
    max: addressOf("ompi_mpi_op_max"),
    sum: addressOf("ompi_mpi_op_sum"),
    bitOr: addressOf("ompi_mpi_op_bor"),
  };
}

/** Functions by name, with `H` for a handle. What fails ends all processes, as is MPI's default. */
const signatures = {
  MPI_Init_thread: ["void *", "void *", "int", "void *"],
  MPI_Comm_rank: ["H", "void *"],
  MPI_Comm_size: ["H", "void *"],
  MPI_Allreduce: ["void *", "void *", "int", "H", "H", "H"],
  MPI_Bcast: ["void *", "int", "H", "int", "H"],
  MPI_Iallreduce: ["void *", "void *", "int", "H", "H", "H", "void *"],
  MPI_Test: ["void *", "void *", "void *"],
  MPI_Finalize: [],
  MPI_Abort: ["H", "int"],
} as const;

type Call = KoffiFunc<(...args: unknown[]) => number>;

/** The system's MPI. */
export interface MpiLibrary {
  readonly file: string;
  readonly abi: Abi;
  readonly calls: Record<keyof typeof signatures, Call>;
}

/** koffi unloads a library whose handle is collected: these stay reachable for good. */
const keepAlive: unknown[] = [];

/** Files to try, as the system's loader finds them. */
const fileNames = {
  "Open MPI": { linux: ["libmpi.so.40", "libmpi.so"], darwin: ["libmpi.40.dylib"] },
  MPICH: {
    linux: ["libmpich.so.12", "libmpi.so.12", "libmpich.so"],
    darwin: ["libmpi.12.dylib", "libmpich.12.dylib"],
  },
} as const;

/** Folders of package managers that the loader does not look into by itself. */
const darwinFolders = ["", "/opt/homebrew/lib/", "/usr/local/lib/"];

function candidates({ implementation }: Launch, environment: NodeJS.ProcessEnv): string[] {
  const given = environment["SEEDBED_LIBMPI"];
  if (given) return [given];
  if (process.platform === "darwin") {
    const names = fileNames[implementation].darwin;
    return darwinFolders.flatMap((folder) => names.map((name) => folder + name));
  }
  return process.platform === "linux" ? [...fileNames[implementation].linux] : [];
}

const packages = {
  "Open MPI": "Debian's package openmpi-bin has it",
  MPICH: "Debian's package mpich has it",
};

/**
 * Loads the library of the MPI that started this process.
 *
 * @throws {InputError} when there is none
 */
export function loadMpi(launch: Launch, environment: NodeJS.ProcessEnv): MpiLibrary {
  deepenStack();
  const files = candidates(launch, environment);
  const problems: string[] = [];
  for (const file of files) {
    try {
      const library = koffi.load(file, { global: true });
      keepLoaded(file);
      return describeLibrary(file, library);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  const { rank, size, implementation } = launch;
  throw new InputError(
    `Cannot train on ${size} workers: rank ${rank} finds no library of ${implementation}, tried ${files.join(", ") || `none on ${process.platform}`}; install it (${packages[implementation]}), or put its path in SEEDBED_LIBMPI\n${problems.join("\n")}`,
  );
}

function describeLibrary(file: string, library: LibraryHandle): MpiLibrary {
  const abi = hasSymbol(library, "ompi_mpi_comm_world") ? openMpiAbi(library) : mpichAbi;
  const call = (name: keyof typeof signatures): Call =>
    library.func(
      name,
      "int",
      signatures[name].map((type) => (type === "H" ? abi.handleType : type)),
    );
  keepAlive.push(library);
  return {
    file,
    abi,
    calls: {
      MPI_Init_thread: call("MPI_Init_thread"),
      MPI_Comm_rank: call("MPI_Comm_rank"),
      MPI_Comm_size: call("MPI_Comm_size"),
      MPI_Allreduce: call("MPI_Allreduce"),
      MPI_Bcast: call("MPI_Bcast"),
      MPI_Iallreduce: call("MPI_Iallreduce"),
      MPI_Test: call("MPI_Test"),
      MPI_Finalize: call("MPI_Finalize"),
      MPI_Abort: call("MPI_Abort"),
    },
  };
}

function hasSymbol(library: LibraryHandle, name: string): boolean {
  try {
    library.symbol(name);
    return true;
  } catch {
    return false;
  }
}
