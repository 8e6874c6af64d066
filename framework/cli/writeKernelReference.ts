/** @file `npm run docs:kernels`: writes docs/kernels.md from the lowerings. */
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { kernelReference, kernelRows } from "./kernelReference.ts";
import { packageFolder } from "./places.ts";

writeFileAtomic(path.join(packageFolder, "docs", "kernels.md"), kernelReference(kernelRows()));
