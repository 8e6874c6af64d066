/** Key of a remark to readers, which says nothing that can be compared. */
const remark = /^_?note$/;

/** Values of a JSON file, which remembers those that nothing has read. */
export class WatchedJson {
  /** The content: what is read of it, at any depth, counts as read. */
  readonly content: unknown;
  readonly #parsed: unknown;
  readonly #read = new Set<string>();
  readonly #isWatching: () => boolean;

  /** @param isWatching whether reading counts now */
  constructor(text: string, isWatching: () => boolean) {
    this.#parsed = JSON.parse(text);
    this.#isWatching = isWatching;
    this.content = this.#watched(this.#parsed, "");
  }

  /** Places of values that nothing has read; the place of an object of which nothing has been. */
  unread(): string[] {
    return this.#unreadOf(this.#parsed, "");
  }

  #watched(value: unknown, at: string): unknown {
    if (!isParent(value)) return value;
    return new Proxy(value, {
      get: (target, key) => {
        const found: unknown = Reflect.get(target, key);
        const isValue = Object.prototype.propertyIsEnumerable.call(target, key);
        if (typeof key === "symbol" || !isValue) return found;
        const place = placeIn(target, key, at);
        if (this.#isWatching()) this.#read.add(place);
        return this.#watched(found, place);
      },
    });
  }

  #unreadOf(value: unknown, at: string): string[] {
    if (!isParent(value)) return this.#read.has(at) ? [] : [at];
    const parts = Object.entries(value)
      .filter(([key]) => !remark.test(key))
      .map(([key, each]) => {
        const place = placeIn(value, key, at);
        return { place, unread: this.#unreadOf(each, place) };
      });
    const isWhole = parts.every(({ place, unread }) => unread.length === 1 && unread[0] === place);
    return isWhole && parts.length > 0 ? [at] : parts.flatMap(({ unread }) => unread);
  }
}

/** Whether a value has values of its own: not an empty list or object, which is one itself. */
function isParent(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function placeIn(parent: object, key: string, at: string): string {
  if (Array.isArray(parent)) return `${at}[${key}]`;
  return at === "" ? key : `${at}.${key}`;
}
