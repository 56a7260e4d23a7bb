import { Refusal } from "./api";

const WAITS_MS = [1000, 2000, 4000, 8000, 15_000, 30_000] as const;
const LONGEST_MS = 30_000;

/**
 * Sends again and again until the server has given its answer. Raises the Refusal that is an
 * answer; all others are told to `unanswered`, and what they refused is sent again.
 */
export async function deliver<T>(
  send: () => Promise<T>, unanswered: (refusal: Refusal, hurry: () => void) => void,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Refusal) || error.isAnswer) throw error;
      await pause(WAITS_MS[tries] ?? LONGEST_MS, (hurry) => unanswered(error, hurry));
    }
  }
}

/** Ends after a while, at once when the connection is back or somebody looks, or when hurried. */
function pause(milliseconds: number, begun: (hurry: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const end = new AbortController();
    const finish = (): void => {
      clearTimeout(timer);
      end.abort();
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    const look = (): void => void (document.hidden || finish());
    globalThis.addEventListener("online", finish, { signal: end.signal });
    document.addEventListener("visibilitychange", look, { signal: end.signal });
    begun(finish);
  });
}
