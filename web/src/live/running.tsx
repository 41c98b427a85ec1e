import { useEffect, useState } from 'react';
import { serverNow } from '../api/client.ts';
import { length } from '../words/time.ts';

/** Time since `startedAt`, counted on each second. Silent for screen readers: it would speak without end. */
export function RunningTime({ startedAt }: { readonly startedAt: string }) {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(serverNow()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return <span className="numbers">{length(now - Date.parse(startedAt))}</span>;
}
