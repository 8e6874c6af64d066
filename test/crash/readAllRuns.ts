/** @file Reads all runs and curves below a folder as the dashboard does, keeping what it finds out there. */
import { openRuns } from "../../framework/cli/browsing/openRuns.ts";
import { describeAllRuns } from "./checks/describeAllRuns.ts";

const { index, series } = await openRuns(process.argv[2]!);
describeAllRuns(index, series);
await index.close();
