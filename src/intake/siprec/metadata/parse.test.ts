import { describe, expect, it } from 'vitest';
import { parseMetadata } from './parse.ts';
import { readXml } from './xml.ts';

const xml = (body: string, root = "recording xmlns='urn:ietf:params:xml:ns:recording:1'"): Buffer =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${body}</${root.split(' ')[0]}>`);

/** CPU time of this thread, so that a busy machine does not count; the best of three, so that a pause of the collector does not. */
function within(ms: number, task: () => void): void {
  const spent = Array.from({ length: 3 }, () => {
    const start = process.threadCpuUsage();
    task();
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1000;
  });
  expect(Math.min(...spent)).toBeLessThan(ms);
}

describe('forms of the metadata', () => {
  it('reads the RFC 7865 form', () => {
    const { metadata, fault } = parseMetadata(
      xml(`<datamode>complete</datamode>
        <group group_id="g1"><associate-time>2026-01-01T10:00:00Z</associate-time></group>
        <session session_id="s1"><sipSessionID>a;remote=b</sipSessionID><group-ref>g1</group-ref></session>
        <participant participant_id="p1"><nameID aor="sip:alice@example.com"><name xml:lang="en">Alice</name></nameID></participant>
        <participantsessionassoc participant_id="p1" session_id="s1"><associate-time>2026-01-01T10:00:00Z</associate-time></participantsessionassoc>
        <stream stream_id="t1" session_id="s1"><label>96</label></stream>
        <participantstreamassoc participant_id="p1"><send>t1</send><recv>t2</recv></participantstreamassoc>`),
    );
    expect(fault).toBeUndefined();
    expect(metadata).toMatchObject({
      mode: 'complete',
      groups: [{ id: 'g1' }],
      sessions: [{ id: 's1', groupId: 'g1', sipSessionIds: ['a;remote=b'] }],
      participants: [{ id: 'p1', aors: ['sip:alice@example.com'], name: 'Alice' }],
      memberships: [{ participantId: 'p1', sessionId: 's1', associatedAt: Date.UTC(2026, 0, 1, 10) }],
      streams: [{ id: 't1', label: '96' }],
      associations: [{ participantId: 'p1', send: ['t1'], recv: ['t2'] }],
      extensions: [],
    });
  });

  it.each([
    'recording',
    'recording xmlns="urn:ietf:params:xml:ns:recording"',
    'recording_metadata xmlns="urn:ietf:params:xml:ns:siprec"',
    'x:recording xmlns:x="urn:ietf:params:xml:ns:recording:1"',
  ])('takes the root form <%s>', (root) => {
    const { metadata } = parseMetadata(
      xml('<dataMode>partial</dataMode><stream id="1"><label>7</label></stream>', root),
    );
    expect(metadata).toMatchObject({ mode: 'partial', streams: [{ id: '1', label: '7' }] });
  });

  it('does not take the description inside recording_metadata for the root', () => {
    const body =
      '<recording id="r"><requestor>SRC</requestor></recording><participant id="p"><aor>sip:1@x</aor></participant>';
    expect(parseMetadata(xml(body, 'recording_metadata')).metadata?.participants).toHaveLength(1);
  });

  it.each([
    ['text in an association', '<participantstreamassoc participant_id="p"><send>t</send></participantstreamassoc>'],
    ['an id child', '<participantstreamassoc participant_id="p"><send><id>t</id></send></participantstreamassoc>'],
    ['send within the participant', '<participant id="p" session="s"><send>t</send></participant>'],
    ['send with id within the participant', '<p:participant id="p"><p:send><p:id>t</p:id></p:send></p:participant>'],
    ['an attribute', '<participantstreamassoc participant="p"><send stream_id="t"/></participantstreamassoc>'],
  ])('reads who sends from %s', (_, body) => {
    expect(parseMetadata(xml(body)).metadata?.associations).toMatchObject([{ participantId: 'p', send: ['t'] }]);
  });

  it('keeps empty ids as ids', () => {
    const body =
      '<stream stream_id=""><label>1</label></stream><participantstreamassoc participant_id=""><send/></participantstreamassoc>';
    const { metadata } = parseMetadata(xml(body));
    expect(metadata?.streams).toMatchObject([{ id: '', label: '1' }]);
    expect(metadata?.associations).toMatchObject([{ participantId: '', send: [''] }]);
  });

  it('gives the object that extension data belongs to, by nesting and by parent', () => {
    const body = `<participant id="p"><extensiondata xmlns:v="urn:v"><v:flag a="1">yes</v:flag></extensiondata></participant>
      <session id="s"/><extensiondata parent="s"><v:outer><v:inner>x</v:inner></v:outer></extensiondata>`;
    expect(parseMetadata(xml(body)).metadata?.extensions).toEqual([
      { owner: 'participant', ownerId: 'p', path: 'flag', value: 'yes', attributes: { a: '1' } },
      { owner: 'session', ownerId: 's', path: 'outer/inner', value: 'x', attributes: {} },
    ]);
  });
});

describe('encodings', () => {
  const text =
    '<?xml version="1.0"?><recording><participant id="p"><aor>sip:1@x</aor><name>Zoë Müller</name></participant></recording>';
  const nameIn = (bytes: Buffer): string | undefined => parseMetadata(bytes).metadata?.participants[0]?.name;
  const be = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with BOM', Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE with BOM', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16BE with BOM', be],
    ['UTF-16LE without BOM', Buffer.from(text, 'utf16le')],
    ['ISO-8859-1, declared', Buffer.from(text.replace('?>', ' encoding="ISO-8859-1"?>'), 'latin1')],
    ['ISO-8859-1 that claims to be UTF-8', Buffer.from(text.replace('?>', ' encoding="UTF-8"?>'), 'latin1')],
    ['UTF-8 that claims to be UTF-16', Buffer.from(text.replace('?>', ' encoding="UTF-16"?>'))],
  ])('reads %s', (_, bytes) => expect(nameIn(bytes)).toBe('Zoë Müller'));
});

describe('hostile documents', () => {
  it('refuses a document type declaration, and with it entity bombs, at once', () => {
    const bomb = Buffer.from(
      `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, i) => `<!ENTITY b${i} "&a;&a;&a;&a;">`).join('')}]><recording>&b19;</recording>`,
    );
    within(50, () =>
      expect(parseMetadata(bomb)).toEqual({ fault: 'it has a document type declaration, which is not read' }),
    );
  });

  it('refuses a DOCTYPE in any letter case, after a comment', () => {
    expect(
      parseMetadata(Buffer.from('<!-- x --><!doctype r SYSTEM "file:///etc/passwd"><recording/>')).metadata,
    ).toBeUndefined();
  });

  it('stops at the depth limit of 10,000 levels and keeps what came before', () => {
    const body = `<participant id="p"><aor>sip:1@x</aor></participant>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`;
    within(50, () => {
      const { metadata, fault } = parseMetadata(xml(body));
      expect(fault).toContain('deeper');
      expect(metadata?.participants).toHaveLength(1);
    });
  });

  it.each([
    ['an attribute of a megabyte', `<participant id="${'x'.repeat(1_000_000)}"><aor>sip:1@x</aor></participant>`],
    ['a name of a megabyte', `<participant id="p"><name>${'N'.repeat(1_000_000)}</name></participant>`],
    [
      'a hundred thousand attributes',
      `<participant ${Array.from({ length: 90_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
    ],
    ['a hundred thousand elements', '<stream/>'.repeat(100_000)],
    ['a megabyte of entities', `<participant><name>${'&amp;'.repeat(200_000)}</name></participant>`],
    ['a megabyte of stray brackets', `<participant><name>${'< '.repeat(500_000)}</name></participant>`],
    ['end tags without a start', '</a>'.repeat(250_000)],
    ['a megabyte of blanks', `<participant><name>${' '.repeat(1_000_000)}</name></participant>`],
  ])('reads %s within 50 ms and keeps little of it', (_, body) => {
    within(50, () => {
      const { metadata } = parseMetadata(xml(body));
      expect(JSON.stringify(metadata ?? {}).length).toBeLessThan(100_000);
    });
  });

  it('refuses more than a megabyte', () => {
    expect(parseMetadata(Buffer.alloc(1_048_577, 0x20)).fault).toContain('larger');
  });

  it('keeps long ids apart', () => {
    const long = 'i'.repeat(5000);
    const ids = parseMetadata(xml(`<stream id="${long}1"/><stream id="${long}2"/>`)).metadata?.streams.map(
      (one) => one.id,
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('expands an entity once only', () => {
    expect(readXml(Buffer.from('<a>&amp;lt;b&gt; &#65;&#x42; &unknown; &#0; & x</a>')).root?.text).toBe(
      '&lt;b> AB &unknown; &#0; & x',
    );
  });

  it('gives what was read of a document that stops half-way, and says so', () => {
    const whole = xml('<participant id="p"><aor>sip:1@x</aor></participant><stream id="t"/>').toString();
    const { metadata, fault } = parseMetadata(Buffer.from(whole.slice(0, whole.indexOf('<stream'))));
    expect(metadata?.participants).toHaveLength(1);
    expect(fault).toContain('ends before');
  });

  it.each([
    '',
    ' ',
    'no xml',
    '<',
    '<>',
    '<?xml',
    '<a',
    '<a b',
    '<a b=',
    '<a b="',
    '<!--',
    '<a><![CDATA[',
    '</a>',
    '<html></html>',
  ])('says why %j is no metadata', (text) => expect(parseMetadata(Buffer.from(text)).fault).toBeTruthy());
});
