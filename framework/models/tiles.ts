import * as tf from "@tensorflow/tfjs";

export interface TilesOptions {
  /** Side of a tile of the input. */
  size: number;
  /** How much of a tile the next one shows, too, along an axis. */
  overlap: number;
  /** Side of what a tile becomes, over its own. */
  scale: number;
}

/**
 * Maps a large image tile by tile, fading each tile's result into that of the tile above and the
 * tile to its left, as far as they overlap. Tiles at the far edges may be smaller.
 *
 * Source: diffusers' `AutoencoderKL.tiled_decode`.
 *
 * @param image `[batch, channels, height, width]`
 * @param map what becomes of a tile; its result is disposed of
 * @returns the caller disposes
 */
export async function mapTiles(
  image: tf.Tensor4D,
  { size, overlap, scale }: TilesOptions,
  map: (tile: tf.Tensor4D) => tf.Tensor | Promise<tf.Tensor>,
): Promise<tf.Tensor4D> {
  const [, , height, width] = image.shape;
  const stride = size - overlap;
  const fade = Math.floor(overlap * scale);
  const kept = Math.round(stride * scale);
  const rows: tf.Tensor[] = [];
  let above: tf.Tensor[] = [];
  for (let top = 0; top < height; top += stride) {
    const row: tf.Tensor[] = [];
    for (let left = 0; left < width; left += stride) {
      const mapped = await mapTile(image, [top, left, size], map);
      row.push(faded(mapped, above[row.length], row.at(-1), fade));
      mapped.dispose();
    }
    rows.push(
      tf.tidy(() =>
        tf.concat(
          row.map((tile) => beginning(tile, kept)),
          3,
        ),
      ),
    );
    tf.dispose(above);
    above = row;
  }
  tf.dispose(above);
  const whole = tf.tidy(() => tf.concat<tf.Tensor4D>(rows.map(asRank4), 2));
  tf.dispose(rows);
  return whole;
}

async function mapTile(
  image: tf.Tensor4D,
  [top, left, size]: readonly [number, number, number],
  map: (tile: tf.Tensor4D) => tf.Tensor | Promise<tf.Tensor>,
): Promise<tf.Tensor> {
  const [, , height, width] = image.shape;
  const sides = [Math.min(size, height - top), Math.min(size, width - left)];
  const tile = image.slice([0, 0, top, left], [-1, -1, ...sides]);
  try {
    return await map(tile);
  } finally {
    tile.dispose();
  }
}

/** A tile that begins as the tiles above and to its left end. */
function faded(
  tile: tf.Tensor,
  above: tf.Tensor | undefined,
  left: tf.Tensor | undefined,
  extent: number,
): tf.Tensor {
  return tf.tidy(() => {
    const below = above ? fadeAlong(2, above, tile, extent) : tile.clone();
    return left ? fadeAlong(3, left, below, extent) : below;
  });
}

/** `to`, whose first `extent` along an axis go over from the last ones of `from`. */
function fadeAlong(axis: 2 | 3, from: tf.Tensor, to: tf.Tensor, extent: number): tf.Tensor {
  const [fromLength, toLength] = [from.shape[axis]!, to.shape[axis]!];
  const count = Math.min(extent, fromLength, toLength);
  if (count === 0) return to.clone();
  const share = tf
    .range(0, count)
    .div(count)
    .reshape(axis === 2 ? [count, 1] : [1, count]);
  const part = (x: tf.Tensor, start: number, length: number): tf.Tensor =>
    x.slice(axis === 2 ? [0, 0, start] : [0, 0, 0, start], x.shape.with(axis, length));
  const last = part(from, fromLength - count, count);
  const mixed = last.mul(tf.scalar(1).sub(share)).add(part(to, 0, count).mul(share));
  return tf.concat([mixed, part(to, count, toLength - count)], axis);
}

/** At most so many rows and columns. */
function beginning(tile: tf.Tensor, length: number): tf.Tensor {
  const [batch = 1, channels = 1, height = 1, width = 1] = tile.shape;
  const sides = [Math.min(length, height), Math.min(length, width)];
  return tile.slice([0, 0, 0, 0], [batch, channels, ...sides]);
}

function asRank4(x: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  return x.as4D(a, b, c, d);
}
