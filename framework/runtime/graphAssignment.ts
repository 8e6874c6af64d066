import koffi from "koffi";

import { loadRuntime, PointerSlot, type Pointer } from "./ortLibrary.ts";

/** A C function that writes a pointer to a name, or to a list and its length. */
type Getter = (owner: Pointer, ...slots: BigUint64Array[]) => unknown;

const action = "ask where operators run";

function nameOf(get: Getter, owner: Pointer): string {
  const slot = new PointerSlot();
  loadRuntime().check(get(owner, slot.address), action);
  const name: unknown = koffi.decode(slot.address, "const char *");
  return typeof name === "string" ? name : "";
}

function listOf(get: Getter, owner: Pointer): Pointer[] {
  const [list, length] = [new PointerSlot(), new PointerSlot()];
  loadRuntime().check(get(owner, list.address, length.address), action);
  return Array.from({ length: Number(length.value) }, (_, i) => {
    const pointer: unknown = koffi.decode(list.value, i * 8, "uint64_t");
    return BigInt(typeof pointer === "bigint" || typeof pointer === "number" ? pointer : 0);
  });
}

/**
 * Types of the operators that ONNX Runtime gave to the CPU, one entry for each operator.
 *
 * @param session one that records its assignment
 */
export function operatorsOnCpu(session: Pointer): string[] {
  const { api } = loadRuntime();
  return listOf(api.sessionGetEpGraphAssignmentInfo, session)
    .filter((part) => nameOf(api.epAssignedSubgraphGetEpName, part) === "CPUExecutionProvider")
    .flatMap((part) => listOf(api.epAssignedSubgraphGetNodes, part))
    .map((node) => nameOf(api.epAssignedNodeGetOperatorType, node));
}
