import { done } from './say.ts';

const KEY = 'earshot-reloaded-for';
/** A part that is missing so soon after a reload is missing on the server. */
const ONCE_MS = 60_000;

/**
 * After an upgrade the parts that an open page still wants are gone from the server: the page is loaded again, once, and then says why.
 */
export function listenForNewVersion(storage: Pick<Storage, 'getItem' | 'setItem'> = sessionStorage): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (!shouldReload(storage.getItem(KEY), Date.now())) return;
    event.preventDefault();
    storage.setItem(KEY, String(Date.now()));
    window.location.reload();
  });
  const reloadedAt = Number(storage.getItem(KEY));
  if (reloadedAt > 0 && Date.now() - reloadedAt < ONCE_MS)
    window.setTimeout(() => done('Earshot was upgraded; this page was loaded again.'), 500);
}

/** @param last when the page was reloaded for this reason, ms since 1970, as it was stored */
export function shouldReload(last: string | null, now: number): boolean {
  const at = Number(last);
  return !(at > 0 && now - at < ONCE_MS);
}
