import * as tf from "@tensorflow/tfjs";

/** In the order of preference; each brings its own TensorFlow, which npm installs with a download. */
const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

/**
 * Makes TF.js's backend for TensorFlow the active one, if the user installed it.
 *
 * @param load imports a package by its name
 * @returns the package that was found
 * @throws {Error} with the cure when there is none, or when it does not share our TF.js
 */
export async function useTensorFlow(
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<string> {
  for (const name of packages) {
    try {
      await load(name);
    } catch (cause) {
      if (isMissing(cause, name)) continue;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot use backend tensorflow: ${name} does not load: ${reason}`, { cause });
    }
    if (!tf.findBackend("tensorflow")) {
      throw new Error(
        `Cannot use backend tensorflow: ${name} has a TF.js of its own; install the version that fits @tensorflow/tfjs ${tf.version_core}`,
      );
    }
    await tf.setBackend("tensorflow");
    return name;
  }
  throw new Error(
    `Cannot use backend tensorflow: it is not installed; run npm install ${packages[1]} (or ${packages[0]} with CUDA), or set trainer.backend to ort`,
  );
}

/** Whether it is the package itself that is not there, rather than something it needs. */
function isMissing(error: unknown, name: string): boolean {
  const isNotFound = error instanceof Error && "code" in error;
  return isNotFound && error.code === "ERR_MODULE_NOT_FOUND" && error.message.includes(`'${name}'`);
}
