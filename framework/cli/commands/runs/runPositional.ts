/** The run that a command is about. */
export const runPositional = {
  type: "string",
  demandOption: true,
  describe: "Folder of the run, its id, or the beginning of its id",
} as const;
