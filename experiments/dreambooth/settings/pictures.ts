import { share } from "./schemas.ts";

/** Where what is computed once is kept: `none` computes it in every step. */
export type CachePlace = "memory" | "disk" | "none";

/** How pictures become what the model is trained on. */
export interface PictureSettings {
  crop: "center" | "random";
  /** Share of pictures that are mirrored. */
  flip: number;
  buckets: boolean;
  /** `#rrggbb` */
  background: string;
  cache: {
    latents: CachePlace;
    textEmbeddings: CachePlace;
    posterior: "mean" | "sample";
  };
}

const place = { enum: ["memory", "disk", "none"] };

export const pictureProperties: Readonly<Record<string, object>> = {
  crop: {
    enum: ["center", "random"],
    default: "center",
    description:
      "What of a picture is seen whose sides are not the model's: its shorter side is made to fit, the longer one is cut.",
  },
  flip: {
    ...share,
    default: 0,
    description: "Share of the pictures that are mirrored, of the subject and of the class.",
  },
  buckets: {
    type: "boolean",
    default: false,
    description:
      "Give each picture of the subject the nearest of some shapes of about the model's area, instead of a square; a batch has one shape.",
  },
  background: {
    type: "string",
    pattern: "^#[0-9a-fA-F]{6}$",
    default: "#ffffff",
    description: "Lies under what is transparent, #rrggbb.",
  },
  cache: {
    type: "object",
    default: {},
    description: "What is computed once and kept.",
    properties: {
      latents: {
        ...place,
        default: "memory",
        description:
          "What the autoencoder makes of pictures. disk: also for later runs, below .cache/seedbed/latents; none: encode in every step, so that each has fresh crops, mirrorings and movements.",
      },
      textEmbeddings: {
        ...place,
        default: "none",
        description:
          "What a text encoder that does not learn makes of prompts. disk: below .cache/seedbed/text-embeddings.",
      },
      posterior: {
        enum: ["mean", "sample"],
        default: "mean",
        description:
          "Latents of a picture: the mean of what the autoencoder holds likely, or another draw from it in every step.",
      },
    },
  },
};
