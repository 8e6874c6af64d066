import * as tf from "@tensorflow/tfjs";

import { klDivergence, sampleLatents } from "../../../framework/models/autoencoderKl.ts";
import { loadAutoencoder } from "../../../framework/pipelines/loadPipeline.ts";
import { allowed, type FixtureSet } from "../fixtureSet.ts";
import type { ParityCheck } from "../parityCheck.ts";
import { withModel } from "../withModels.ts";

/** Images to latents and back. */
export const autoencoder: ParityCheck = {
  title: "autoencoder",
  files: ["vae"],
  tests: (set) => [
    { title: "gives the published latents", run: () => compareLatents(set) },
    { title: "gives the published image", run: () => compareImage(set) },
    ...("nonsquare.moments" in set.manifest.files["vae"]!
      ? [{ title: "encodes another aspect", run: () => compareOther(set) }]
      : []),
  ],
};

function compareLatents(set: FixtureSet): Promise<void> {
  const golden = set.golden("vae");
  const tolerance = set.tolerance("vae.moments");
  return withModel(loadAutoencoder(set.folder), async (vae) => {
    const distribution = vae.encode(golden.tensor("image"));
    const { mean, logvar } = distribution;
    const latents = vae.scaleLatents(sampleLatents(distribution, golden.tensor("noise")));
    const given = {
      mean,
      logvar,
      moments: tf.concat([mean, logvar], 1),
      std: logvar.mul(0.5).exp(),
      scaled_sample: latents,
    };
    for (const [name, tensor] of Object.entries(given)) {
      await golden.compareTensor(name, tensor, tolerance);
    }
    // a sum of as many terms as there are moments
    const kl = golden.host("kl").values[0]!;
    const tolerated = allowed(Math.abs(kl) * 2 ** -23);
    await golden.compareTensor("kl", klDivergence(distribution), Math.max(tolerance, tolerated));
  });
}

function compareOther(set: FixtureSet): Promise<void> {
  const golden = set.golden("vae");
  return withModel(loadAutoencoder(set.folder), async (vae) => {
    const { mean, logvar } = vae.encode(golden.tensor("nonsquare.image"));
    const moments = tf.concat([mean, logvar], 1);
    await golden.compareTensor("nonsquare.moments", moments, set.tolerance("vae.moments"));
  });
}

function compareImage(set: FixtureSet): Promise<void> {
  const golden = set.golden("vae");
  return withModel(loadAutoencoder(set.folder), async (vae) => {
    const image = vae.decode(golden.tensor("decode.latents"));
    await golden.compareTensor("decode.image", image, set.tolerance("vae.decode"));
  });
}
