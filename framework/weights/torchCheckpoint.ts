import { InputError } from "../base/errors.ts";
import { describeShape, sizeOf } from "../base/shape.ts";
import { withOpenFile } from "./openFile.ts";
import {
  PickleGlobal,
  PickleObject,
  readPickle,
  type PickleRules,
  type PickleValue,
} from "./pickle.ts";
import {
  bytesPerElement,
  decode,
  lazyTensor,
  type SafetensorsDtype,
  type StoredTensor,
} from "./storedTensor.ts";
import { openZip, type ZipEntry } from "./zipArchive.ts";

/** What we read of a checkpoint that PyTorch wrote. */
export interface TorchCheckpoint {
  /** Tensors of its `state_dict`, or of the whole if it has none, in the file's order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Updates that the weights were trained for, where the file says. */
  readonly globalStep: number | undefined;
}

/** PyTorch's classes of stored elements, as pickles name them. */
const storageDtypes: Readonly<Record<string, SafetensorsDtype>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** The elements that one or several tensors are views of. */
class Storage extends PickleObject {
  readonly kind = "storage";
  readonly dtype: SafetensorsDtype;
  readonly count: number;
  readonly entry: ZipEntry;

  constructor(dtype: SafetensorsDtype, count: number, entry: ZipEntry) {
    super();
    this.dtype = dtype;
    this.count = count;
    this.entry = entry;
  }
}

class TensorView extends PickleObject {
  readonly kind = "tensor";
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: Storage,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    super();
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** What is not read: settings and counters of the training that made a checkpoint. */
class Skipped extends PickleObject {
  readonly kind = "skipped";
}

/**
 * Opens a checkpoint of `torch.save`: a zip archive with a pickle that says which bytes are which
 * tensor. Nothing that the pickle names is run; it may name what makes tensors, and the numbers
 * that published checkpoints keep of their training, which are skipped. Values are read when asked
 * for.
 *
 * @throws {InputError} when the file is missing or damaged, holds no tensors, or names anything
 * else
 */
export function openTorchCheckpoint(file: string): TorchCheckpoint {
  refuseLegacy(file);
  const entries = openZip(file);
  const pickleName = [...entries.keys()].find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickleName === undefined) {
    throw new InputError(
      `Cannot read ${file}: expected a checkpoint of torch.save, got a zip archive without data.pkl`,
    );
  }
  const folder = pickleName.slice(0, -"data.pkl".length);
  const order = small(file, entries.get(`${folder}byteorder`))?.read();
  if (order && new TextDecoder().decode(order) !== "little") {
    throw new InputError(`Cannot read ${file}: expected little-endian numbers`);
  }
  const bytes = small(file, entries.get(pickleName))!.read();
  const rules = torchRules(file, (key) => entries.get(`${folder}data/${key}`));
  return checkpointOf(file, readPickle(bytes, `${file} (${pickleName})`, rules));
}

/** Pickles that say where tensors are have some hundred bytes for each. */
const longestPickle = 2 ** 28;

/** An entry that is no bomb: some thousand times as long as what is kept of it. */
function small(file: string, entry: ZipEntry | undefined): ZipEntry | undefined {
  if (!entry || entry.byteLength <= longestPickle) return entry;
  throw damaged(file, `a pickle of ${entry.byteLength} bytes, of at most ${longestPickle}`);
}

/**
 * Before PyTorch 1.6 a checkpoint was several pickles in a row, the first of which is a number. A
 * lone pickle of another kind is refused for what it refers to.
 */
function refuseLegacy(file: string): void {
  const start = withOpenFile(file, ({ read, sizeBytes }) => read(0, Math.min(sizeBytes, 2 ** 16)));
  if (start[0] !== 0x80) return;
  readPickle(
    start,
    file,
    torchRules(file, () => undefined),
  );
  throw new InputError(
    `Cannot read ${file}: it is in the format of PyTorch before 1.6; load it there and save it again, best as safetensors`,
  );
}

/** What makes tensors; what published checkpoints hold beside them; nothing else. */
function torchRules(file: string, entryOf: (key: string) => ZipEntry | undefined): PickleRules {
  const skip = (): PickleValue => new Skipped();
  return {
    globals: new Map<string, ((args: PickleValue[]) => PickleValue) | undefined>([
      ["collections.OrderedDict", () => new Map()],
      ["torch._utils._rebuild_tensor_v2", (args) => tensorView(file, args)],
      ["torch._utils._rebuild_parameter", ([data]) => data ?? null],
      ["torch.Size", ([sizes]) => sizes ?? null],
      ...Object.keys(storageDtypes).map((name) => [name, undefined] as const),
      ["pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint", undefined],
      ["numpy.core.multiarray.scalar", skip],
      ["numpy._core.multiarray.scalar", skip],
      ["numpy.dtype", skip],
      ["_codecs.encode", skip],
    ]),
    persistent: (id) => storageOf(file, id, entryOf),
  };
}

/** `("storage", class, key, device, count)` */
function storageOf(
  file: string,
  id: PickleValue,
  entryOf: (key: string) => ZipEntry | undefined,
): Storage {
  const [kind, type, key, , count] = Array.isArray(id) ? id : [];
  const dtype = type instanceof PickleGlobal ? storageDtypes[type.name] : undefined;
  if (kind !== "storage" || !dtype || typeof key !== "string" || !isCount(count)) {
    throw damaged(file, "a storage is not described as PyTorch does");
  }
  const entry = entryOf(key);
  if (!entry) throw damaged(file, `data/${key} is missing`);
  if (entry.byteLength !== count * bytesPerElement[dtype]) {
    throw damaged(
      file,
      `data/${key} must have ${count * bytesPerElement[dtype]} bytes, got ${entry.byteLength}`,
    );
  }
  return new Storage(dtype, count, entry);
}

/** @param args storage, offset, shape, strides, and what only training needs */
function tensorView(file: string, [storage, offset, shape, strides]: PickleValue[]): TensorView {
  const fits =
    storage instanceof Storage &&
    isCount(offset) &&
    isCounts(shape) &&
    isCounts(strides) &&
    shape.length === strides.length;
  if (!fits) throw damaged(file, "a tensor is not described as PyTorch does");
  if (sizeOf(shape) > 0) {
    const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis]!, offset);
    // repeated elements are no tensor that was saved
    if (last >= storage.count || sizeOf(shape) > storage.count) {
      throw damaged(
        file,
        `a tensor of shape ${describeShape(shape)} is larger than its ${storage.count} elements`,
      );
    }
  }
  return new TensorView(storage, offset, shape, strides);
}

function checkpointOf(file: string, content: PickleValue): TorchCheckpoint {
  if (!(content instanceof Map)) throw damaged(file, "expected a dictionary of tensors");
  const inner = content.get("state_dict");
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of inner instanceof Map ? inner : content) {
    if (typeof name === "string" && value instanceof TensorView) {
      tensors.set(name, storedTensor(file, name, value));
    }
  }
  if (tensors.size === 0) throw new InputError(`Cannot read ${file}: it holds no tensors`);
  const step = content.get("global_step");
  return { tensors, globalStep: isCount(step) ? step : undefined };
}

function storedTensor(file: string, name: string, view: TensorView): StoredTensor {
  const { dtype } = view.storage;
  return lazyTensor({ dtype, shape: view.shape }, () => {
    try {
      return valuesOf(view);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new InputError(`Cannot read ${file}: tensor "${name}": ${cause.message}`, { cause });
    }
  });
}

function valuesOf({ storage, offset, shape, strides }: TensorView): StoredTensor["values"] {
  const width = bytesPerElement[storage.dtype];
  const size = sizeOf(shape);
  if (size === 0) return decode(storage.dtype, new ArrayBuffer(0));
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis]!, 0);
  const bytes = storage.entry.read(offset * width, (last + 1) * width);
  const values = decode(storage.dtype, bytes.buffer);
  return isRowMajor(shape, strides) ? values : gathered(values, shape, strides);
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Elements in the order of their indices, such as those of a transposed matrix. */
function gathered(
  values: StoredTensor["values"],
  shape: readonly number[],
  strides: readonly number[],
): StoredTensor["values"] {
  const size = sizeOf(shape);
  const result = values instanceof Int32Array ? new Int32Array(size) : new Float32Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < size; to++) {
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

function damaged(file: string, problem: string): InputError {
  return new InputError(`Cannot read ${file}: damaged checkpoint: ${problem}`);
}
