/** @file Estimates the memory of one workload in this process, which is no good for work then. */
import { ortBackend, useBackend } from "../../framework/backend/register.ts";
import { findWorkload } from "./cases/index.ts";
import { neededBytes } from "./neededBytes.ts";
import { peakMb } from "./peakMb.ts";

const name = process.argv[2];
if (name === undefined) throw new TypeError("Cannot estimate memory: expected a workload's name");
await useBackend("ort", { threads: 1 });
const programMb = peakMb();
const bytes = await neededBytes(findWorkload(name), ortBackend("ort"));
const recordedBytes = process.memoryUsage().heapTotal;
process.send?.({ name, neededMb: programMb + (bytes + recordedBytes) / 1e6 });
process.disconnect?.();
