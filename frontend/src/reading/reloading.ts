import type { Page } from "./contract";

const KEY = "overread:reloaded";

/** Reloads the shell for a page, once; false where that was done before. */
export function reloadsFor({ id }: Page): boolean {
  try {
    if (sessionStorage.getItem(KEY) === id) return false;
    sessionStorage.setItem(KEY, id);
  } catch {
    return false;
  }
  globalThis.location.reload();
  return true;
}
