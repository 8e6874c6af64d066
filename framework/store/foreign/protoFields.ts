import protobuf from "protobufjs/light.js";

import { InputError } from "../../base/errors.ts";

/**
 * Goes through the fields of a message.
 *
 * @param take tells whether it has read the field; others are passed over
 * @throws {InputError} when the bytes are no message
 */
export function forEachField(
  data: Uint8Array,
  take: (field: number, reader: protobuf.Reader) => boolean,
): void {
  const reader = protobuf.Reader.create(data);
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (!take(tag >>> 3, reader)) reader.skipType(tag & 7);
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read a message of an event: ${reason}`, { cause });
  }
}
