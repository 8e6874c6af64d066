/** @file `npm run docs:specs`: writes docs/specs.md from the schemas. */
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { packageFolder } from "./places.ts";
import { specReference } from "./specReference.ts";
import { specVocabulary } from "./specVocabulary.ts";

const file = path.join(packageFolder, "docs", "specs.md");
writeFileAtomic(file, specReference(await specVocabulary()));
