import type { Captured } from '../../audio/types.ts';
import { RtpView } from '../../rtp/packet.ts';
import { readSenderReport, SENDER_REPORT_BYTES } from '../../rtp/rtcp.ts';
import { ENTRY_TYPES, EVENT_ENTRY_BYTES, readEntries, type Entry } from './entries.ts';
import type { LogRecord } from './reader.ts';

/** The packets of a `packets` record in the order of their arrival; other kinds hold none. Payloads share the record's memory. */
export function* capturedOf(record: LogRecord): Generator<Captured> {
  if (record.kind !== 'packets') return;
  const view = new RtpView();
  for (const entry of readEntries(record.body, record.baseUs)) {
    const captured = capturedEntry(record.body, entry, view);
    if (captured !== null) yield captured;
  }
}

function capturedEntry(body: Buffer, entry: Entry, view: RtpView): Captured | null {
  switch (entry.type) {
    case ENTRY_TYPES.rtp:
      return view.read(body, entry.start, entry.end) ? rtpOf(body, entry, view) : null;
    case ENTRY_TYPES.report:
      return reportOf(body, entry);
    case ENTRY_TYPES.event:
      return eventOf(body, entry);
    default:
      return null;
  }
}

function rtpOf(body: Buffer, { stream, arrivalUs }: Entry, view: RtpView): Captured {
  const { payloadType, sequence, timestamp, ssrc, marker } = view;
  const payload = body.subarray(view.payloadStart, view.payloadEnd);
  return { kind: 'rtp', stream, arrivalUs, payloadType, sequence, timestamp, ssrc, marker, payload };
}

function reportOf(body: Buffer, { stream, arrivalUs, start, end }: Entry): Captured | null {
  if (end - start < SENDER_REPORT_BYTES) return null;
  const { ssrc, ntpMs, rtpTimestamp } = readSenderReport(body, start);
  return ntpMs === null ? null : { kind: 'sr', stream, arrivalUs, ssrc, ntpMs, rtpTimestamp };
}

function eventOf(body: Buffer, { stream, arrivalUs, start, end }: Entry): Captured | null {
  if (end - start < EVENT_ENTRY_BYTES) return null;
  const ssrc = body.readUInt32BE(start);
  const sequence = body.readUInt16BE(start + 4);
  const timestamp = body.readUInt32BE(start + 6);
  const durationTicks = body.readUInt16BE(start + 10);
  return { kind: 'event', stream, arrivalUs, timestamp, durationTicks, ssrc, sequence };
}
