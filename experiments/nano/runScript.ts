import { InputError } from "seedbed";

/** Runs a script; wrong options and input are told with how it is used, and exit code 2. */
export async function runScript(main: () => void | Promise<void>, usage: string): Promise<void> {
  try {
    await main();
  } catch (error) {
    const isWrongOption =
      error instanceof TypeError &&
      "code" in error &&
      String(error.code).startsWith("ERR_PARSE_ARGS");
    if (!(error instanceof InputError) && !isWrongOption) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
}
