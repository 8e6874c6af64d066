import { writeFileSync } from "node:fs";
import path from "node:path";

import { wandbFormat } from "../../../framework/store/foreign/wandbFormat.ts";
import { collectUpload } from "../../../framework/tracking/wandb/sync/collectUpload.ts";
import { readOfflineFolder } from "../../../framework/tracking/wandb/sync/offlineFolder.ts";
import { frameLog, readTransactionLog } from "../../../framework/tracking/wandb/transactionLog.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { readWhole } from "../readWhole.ts";
import { inFile, joinedBytes, partedBytes, scratch } from "../scratch.ts";

const write = inFile("wandbRecords", "run-wb00media.wandb");
const folders = [
  "wandb-media/offline-run-20261126_221554-wb00media/run-wb00media.wandb",
  "wandb/offline-run-20261126_190000-wb00demo/run-wb00demo.wandb",
].map((name) => path.resolve(import.meta.dirname, "../../fixtures", name));
writeFileSync(scratch("wandbRecords", "files", "config.yaml"), "a: { value: 1 }\n");

/** Records of W&B's logs, whose checksums are right: read, and made ready for the server. */
export const target: FuzzTarget = {
  name: "wandbRecords",
  covers: ["framework/store/", "framework/tracking/wandb"],
  mostBytes: 16384,
  seeds: folders.map((file) => joinedBytes(readTransactionLog(file))),
  words: ["_type", "image-file", '"path":"', "histogram", "table-file", "_step", "_runtime", "../"],
  run(input) {
    const file = write(new Uint8Array());
    writeFileSync(file, Buffer.concat([...frameLog(partedBytes(input))]));
    const folder = path.dirname(file);
    return [readWhole(wandbFormat, "wandb", folder), collectUpload(readOfflineFolder(folder))];
  },
};
