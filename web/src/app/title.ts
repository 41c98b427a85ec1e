import { useEffect, useRef, type RefObject } from 'react';

let pagesShown = 0;

/** Names the tab, and gives the page's heading the focus when the page was reached from another one (not at the first load). */
export function usePageTitle(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Earshot`;
  }, [title]);
  useEffect(() => {
    pagesShown += 1;
    if (pagesShown > 1) heading.current?.focus({ preventScroll: true });
  }, []);
  return heading;
}
