import { forEachField } from "./protoFields.ts";
import { readStatus } from "./tensorBoardEvents.ts";

/** What a run's hparams say, as far as it is known here. */
export interface TensorBoardSession {
  readonly hparams?: Record<string, string | number | boolean>;
  readonly groupName?: string;
  readonly startSeconds?: number;
  /** 1 for success, 2 for failure. */
  readonly status?: number;
}

/** Of `_hparams_/session_start_info` or `_hparams_/session_end_info`. */
export function readSession(content: Uint8Array): TensorBoardSession {
  let session: TensorBoardSession = {};
  forEachField(content, (field, reader) => {
    if (field === 3) session = readSessionStart(reader.bytes());
    else if (field === 4) session = { status: readStatus(reader.bytes()) };
    else return false;
    return true;
  });
  return session;
}

function readSessionStart(data: Uint8Array): TensorBoardSession {
  const hparams: [string, string | number | boolean][] = [];
  let [groupName, startSeconds] = ["", NaN];
  forEachField(data, (field, reader) => {
    if (field === 1) hparams.push(readHParam(reader.bytes()));
    else if (field === 4) groupName = reader.string();
    else if (field === 5) startSeconds = reader.double();
    else return false;
    return true;
  });
  return { hparams: Object.fromEntries(hparams), groupName, startSeconds };
}

function readHParam(data: Uint8Array): [string, string | number | boolean] {
  let key = "";
  let value: string | number | boolean = "";
  forEachField(data, (field, reader) => {
    if (field === 1) key = reader.string();
    else if (field === 2) value = readProtoValue(reader.bytes());
    else return false;
    return true;
  });
  return [key, value];
}

function readProtoValue(data: Uint8Array): string | number | boolean {
  let value: string | number | boolean = "";
  forEachField(data, (field, reader) => {
    if (field === 2) value = reader.double();
    else if (field === 3) value = reader.string();
    else if (field === 4) value = reader.bool();
    else return false;
    return true;
  });
  return value;
}
