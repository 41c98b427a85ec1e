import { describe, expect, it } from 'vitest';
import { applyUpdate } from './merge.ts';
import { parseMetadata } from './parse.ts';
import { readTime } from './times.ts';
import type { Metadata } from './types.ts';

function read(body: string): Metadata {
  const { metadata } = parseMetadata(Buffer.from(`<recording>${body}</recording>`));
  if (metadata === undefined) throw new Error('unreadable');
  return metadata;
}

const START = read(`<datamode>complete</datamode><session session_id="s"/>
  <participant participant_id="a"><nameID aor="sip:a@x"/></participant><participant participant_id="b"><nameID aor="sip:b@x"/></participant>
  <participantsessionassoc participant_id="a" session_id="s"/><participantsessionassoc participant_id="b" session_id="s"><associate-time>2026-01-01T10:00:00Z</associate-time></participantsessionassoc>
  <stream stream_id="1"><label>1</label></stream><stream stream_id="2"><label>2</label></stream>
  <participantstreamassoc participant_id="a"><send>1</send><recv>2</recv></participantstreamassoc>
  <participantstreamassoc participant_id="b"><send>2</send><recv>1</recv></participantstreamassoc>`);

describe('partial updates (RFC 7865)', () => {
  it('change what they name and leave the rest', () => {
    const after = applyUpdate(
      START,
      read(
        `<datamode>partial</datamode><participant participant_id="b"><nameID aor="sip:b@x"><name>Bob</name></nameID></participant>`,
      ),
    );
    expect(after.participants.map((one) => one.name)).toEqual([undefined, 'Bob']);
    expect(after.associations).toHaveLength(2);
    expect(after.mode).toBe('complete');
  });

  it('replace the associations of the party that they name', () => {
    const hold = read(
      '<datamode>partial</datamode><participantstreamassoc participant_id="b"><recv>1</recv></participantstreamassoc>',
    );
    const after = applyUpdate(START, hold);
    expect(after.associations.find((one) => one.participantId === 'b')?.send).toEqual([]);
    expect(after.associations.find((one) => one.participantId === 'a')?.send).toEqual(['1']);
  });

  it('apply in their order: gone, then back', () => {
    const gone = read(
      '<datamode>partial</datamode><participantsessionassoc participant_id="b" session_id="s"><disassociate-time>2026-01-01T10:05:00Z</disassociate-time></participantsessionassoc>',
    );
    const back = read(
      '<datamode>partial</datamode><participantsessionassoc participant_id="b" session_id="s"><associate-time>2026-01-01T10:06:00Z</associate-time></participantsessionassoc>',
    );
    const left = (metadata: Metadata): boolean =>
      metadata.memberships.find((one) => one.participantId === 'b')?.leftAt !== undefined;
    const afterGone = applyUpdate(START, gone);
    expect(left(afterGone)).toBe(true);
    expect(afterGone.memberships.find((one) => one.participantId === 'b')?.associatedAt).toBe(Date.UTC(2026, 0, 1, 10));
    expect(left(applyUpdate(afterGone, back))).toBe(false);
  });

  it('take an ended association away without touching the others', () => {
    const end = read(
      '<datamode>partial</datamode><participantstreamassoc participant_id="b"><send>2</send><disassociate-time>2026-01-01T10:05:00Z</disassociate-time></participantstreamassoc>',
    );
    expect(applyUpdate(START, end).associations.find((one) => one.participantId === 'b')).toMatchObject({
      send: [],
      recv: ['1'],
    });
  });

  it('never grow without bound', () => {
    let metadata = START;
    for (let i = 0; i < 1000; i += 1) {
      metadata = applyUpdate(metadata, read(`<datamode>partial</datamode><participant participant_id="n${i}"/>`));
    }
    expect(metadata.participants.length).toBeLessThanOrEqual(256);
    expect(metadata.participants.at(-1)?.id).toBe('n999');
  });

  it('are replaced as a whole by a complete one', () => {
    expect(applyUpdate(START, read('<participant participant_id="c"/>')).participants.map((one) => one.id)).toEqual([
      'c',
    ]);
  });
});

describe('times', () => {
  const expected = Date.UTC(2026, 1, 3, 4, 5, 6);

  it.each([
    '2026-02-03T04:05:06Z',
    '2026-02-03T04:05:06',
    '2026-02-03 04:05:06',
    '2026-02-03T04:05:06+0000',
    '2026-02-03T05:05:06+01:00',
    '2026-02-02T23:05:06-05',
    '20260203T040506Z',
    ' 2026-02-03T04:05:06.000000Z ',
    String(expected),
    String(expected / 1000),
  ])('reads %j', (text) => expect(readTime(text)).toBe(expected));

  it('keeps milliseconds', () => expect(readTime('2026-02-03T04:05:06.789123Z')).toBe(expected + 789));

  it.each(['', 'now', '2026-13-01T00:00:00Z', '2026-02-03', '99999999999999999999'])('refuses %j', (text) =>
    expect(readTime(text)).toBeUndefined(),
  );
});
