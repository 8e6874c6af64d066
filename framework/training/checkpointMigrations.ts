import { InputError } from "../base/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../base/json.ts";

/** Takes a checkpoint's content to the next version. */
type Migration = (content: JsonObject) => JsonObject;

/** From version 1 on, in order. A change of the format adds one, and a stored checkpoint to test it. */
const migrations: readonly Migration[] = [fromVersion1];

/** Of the checkpoints that are written; one more than there are migrations. */
export const formatVersion = 2;

/**
 * The content of a checkpoint as this version of the format has it.
 *
 * @param content as it was read; what is no content of any version is left to be refused
 * @throws {InputError} when a newer program wrote it
 */
export function migrateContent(content: JsonValue): JsonValue {
  if (!isJsonObject(content)) return content;
  const { formatVersion: stored } = content;
  if (typeof stored !== "number" || !Number.isInteger(stored) || stored < 1) return content;
  if (stored > formatVersion) {
    throw new InputError(
      `has format version ${stored}, expected at most ${formatVersion}; use the newer seedbed that wrote it`,
    );
  }
  const migrated = migrations.slice(stored - 1).reduce((each, migrate) => migrate(each), content);
  return { ...migrated, formatVersion };
}

/**
 * Its first checkpoints had no state of schedules, which went on with every step, no means of the
 * running epoch, and did not count samples.
 */
function fromVersion1(content: JsonObject): JsonObject {
  const { progress = null, optimizer = null } = content;
  if (!isJsonObject(progress) || !isJsonObject(optimizer)) return content;
  const { step = 0 } = progress;
  const { name = "" } = optimizer;
  const optimizers = typeof name === "string" ? name.split(", ") : [];
  return {
    lrSchedules: optimizers.map(() => ({ ticks: step, state: {} })),
    epochLog: { values: {}, entries: {} },
    ...content,
    progress: { samples: 0, ...progress },
  };
}
