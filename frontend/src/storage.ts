/** The browser's own storage, where it is allowed and has room. */

const KEPT_MS = 7 * 24 * 3600 * 1000;

interface Dated {
  /** Milliseconds UTC. */
  readonly at: number;
}

/** Undefined where nothing, or nothing that can be read, is stored under the key. */
export function load<T extends Dated>(key: string): T | undefined {
  return attempt((storage) => {
    const json = storage.getItem(key);
    return json ? (JSON.parse(json) as T) : undefined;
  });
}

/** Whether it is stored now. */
export function save(key: string, value: Dated): boolean {
  return attempt((storage) => {
    storage.setItem(key, JSON.stringify(value));
    return true;
  }) ?? false;
}

export function remove(key: string): void {
  attempt((storage) => storage.removeItem(key));
}

/** The keys that begin so, without those that have lain there for a week. */
export function keysOf(prefix: string, now: number): readonly string[] {
  const found = attempt((storage) => Object.keys(storage)) ?? [];
  return found.filter((key) => {
    if (!key.startsWith(prefix)) return false;
    const isKept = now - (load(key)?.at ?? 0) < KEPT_MS;
    if (!isKept) remove(key);
    return isKept;
  });
}

function attempt<T>(action: (storage: Storage) => T): T | undefined {
  try {
    return action(localStorage);
  } catch {
    return undefined;
  }
}
