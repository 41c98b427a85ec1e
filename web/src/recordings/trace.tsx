import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CopyText } from '../app/copy.tsx';
import { Failure } from '../app/failure.tsx';
import type { TraceMessage } from '../api/types.ts';
import { ChevronDownIcon } from '../theme/icons.tsx';
import { counted } from '../words/numbers.ts';
import { clockExact } from '../words/time.ts';
import { traceQuery } from './queries.ts';
import classes from './trace.module.css';

/** The call's SIP messages as a ladder: what came from the other side points right, what we sent points left. */
export function TracePanel({ id, startedAt }: { readonly id: string; readonly startedAt: string }) {
  const trace = useQuery(traceQuery(id));
  const [all, setAll] = useState(0);
  if (trace.isPending) return <Skeleton height={180} aria-label="Loading the trace" role="status" />;
  if (trace.isError) {
    return <Failure title="The trace could not be loaded" error={trace.error} retry={() => void trace.refetch()} />;
  }
  const { messages } = trace.data;
  if (messages.length === 0) return <p className={classes.none}>No SIP messages were kept for this call.</p>;
  const remote = messages[0]?.remote ?? '';
  const text = messages
    .map((message) => `${message.at} ${message.direction} ${message.remote}\n${message.text}`)
    .join('\n\n');
  return (
    <div>
      <div className={classes.bar}>
        <span>{counted(messages.length, 'message')}, secrets masked</span>
        <span className={classes.buttons}>
          <Button size="xs" variant="default" onClick={() => setAll(all > 0 ? -1 : 1)}>
            {all > 0 ? 'Close all' : 'Open all'}
          </Button>
          <CopyText text={text} what="all" labelled />
        </span>
      </div>
      <div className={classes.ends} aria-hidden="true">
        <span>{remote}</span>
        <span>Earshot</span>
      </div>
      <ol className={classes.ladder}>
        {messages.map((message, i) => (
          <Message
            key={`${i} ${all}`}
            message={message}
            since={Date.parse(message.at) - Date.parse(startedAt)}
            opened={all > 0}
          />
        ))}
      </ol>
    </div>
  );
}

interface MessageProps {
  readonly message: TraceMessage;
  readonly since: number;
  readonly opened: boolean;
}

function Message({ message, since, opened }: MessageProps) {
  const [open, setOpen] = useState(opened);
  return (
    <li className={classes.message} data-direction={message.direction}>
      <button type="button" className={classes.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.time} title={clockExact(message.at)}>
          {since < 0 ? '−' : '+'}
          {(Math.abs(since) / 1000).toFixed(3)}
        </span>
        <span className={classes.arrow}>
          <span className={classes.summary}>
            <span className={classes.spoken}>{message.direction === 'in' ? 'Received: ' : 'Sent: '}</span>
            {shortened(message.summary)}
          </span>
        </span>
        <span className={classes.transport}>{message.transport}</span>
        <ChevronDownIcon size={16} />
      </button>
      {open && (
        <div className={classes.full}>
          <div className={classes.fullBar}>
            <span>
              {message.direction === 'in'
                ? `${message.remote} → ${message.local}`
                : `${message.local} → ${message.remote}`}{' '}
              · {clockExact(message.at)}
            </span>
            <CopyText text={message.text} what="message" labelled />
          </div>
          {/* A region that scrolls has to be reachable by keyboard. */}
          <pre tabIndex={0} role="region" aria-label={`Text of ${shortened(message.summary)}`}>
            {message.text}
          </pre>
        </div>
      )}
    </li>
  );
}

/** `SIP/2.0 200 OK` → 200 OK; `INVITE sip:… SIP/2.0` → INVITE sip:… */
function shortened(summary: string): string {
  return summary.replace(/^SIP\/2\.0 /, '').replace(/ SIP\/2\.0$/, '');
}
