/** Where an optimizer's moments are to lie, if not in memory. */
export interface Offload {
  /** Undefined: the folder of the run. */
  readonly folder?: string | undefined;
}

const description =
  "Keep the moments in files in place of memory, and update a window of them at a time: the same numbers, in more time. true: in the run's folder; or a `folder` on another disk. For `trainer.backend: ort`. See docs/memory.md.";

/**
 * The option of every optimizer, as JSON schema.
 *
 * @param whyResident why an optimizer cannot have it, so that who asks for it is told
 */
export const offloadProperty = (whyResident: string | undefined): object => ({
  description: whyResident === undefined ? description : `Cannot be used with ${whyResident}.`,
  anyOf: [
    { type: "boolean" },
    {
      type: "object",
      additionalProperties: false,
      required: ["folder"],
      properties: { folder: { type: "string", minLength: 1 } },
    },
  ],
});

/** What the option may say. */
export type OffloadOption = boolean | { readonly folder: string } | undefined;

export function readOffload(option: OffloadOption): Offload | undefined {
  if (option === undefined || option === false) return undefined;
  return option === true ? {} : option;
}
