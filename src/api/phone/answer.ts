import type { PhoneForm } from './request.ts';

/** An answer that the phone shows to whoever pressed its key. */
export interface PhoneAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const TITLE = 'Recording';
/** Displays are small. */
const LONGEST = 200;

/**
 * The text in the phone's own form: Snom's minibrowser (closes after three seconds) and Yealink's XML browser show only what comes with
 * 200; everybody else gets the status of what happened.
 */
export function phoneAnswer(form: PhoneForm, status: number, text: string): PhoneAnswer {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  if (form === 'snom') return { status: 200, type: 'text/xml; charset=utf-8', body: snom(short) };
  if (form === 'yealink') return { status: 200, type: 'text/xml; charset=utf-8', body: yealink(short) };
  return { status, type: 'text/plain; charset=utf-8', body: `${short}\n` };
}

function snom(text: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SnomIPPhoneText>
<Title>${TITLE}</Title>
<Text>${escaped(text)}</Text>
<fetch mil="3000">snom://mb_exit</fetch>
</SnomIPPhoneText>
`;
}

function yealink(text: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<YealinkIPPhoneTextScreen Beep="no" Timeout="3" destroyOnExit="yes">
<Title>${TITLE}</Title>
<Text>${escaped(text)}</Text>
</YealinkIPPhoneTextScreen>
`;
}

function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, ' ')
      .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
  );
}
