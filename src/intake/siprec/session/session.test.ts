import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUNK, type TrunkConfig } from '../../../base/trunks.ts';
import { mediaOf } from '../../../sdp/media.ts';
import { parseSdp } from '../../../sdp/parse.ts';
import { writeSdp } from '../../../sdp/write.ts';
import { Headers } from '../../../sip/headers.ts';
import type { SipRequest } from '../../../sip/message.ts';
import { writeMultipart } from '../../../sip/multipart.ts';
import { recordingOffer } from './offer.ts';
import { openSession } from './open.ts';
import { snapshotRequest } from './snapshot.ts';
import type { Opening, SessionState, Update } from './types.ts';
import { takeAnswer, updateSession } from './update.ts';
import { readXml } from '../metadata/xml.ts';

const LENIENT: TrunkConfig = { ...DEFAULT_TRUNK, recording: false };
const STRICT: TrunkConfig = { ...DEFAULT_TRUNK, recording: false, strict: true };
const SRC = '<sip:src@192.0.2.1>;+sip.src';

const SDP = (...media: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');
const TWO = SDP(
  'm=audio 5000 RTP/AVP 0',
  'a=label:1',
  'a=sendonly',
  'm=audio 5002 RTP/AVP 0',
  'a=label:2',
  'a=sendonly',
);

const person = (id: string, number: string, stream: string): string =>
  `<participant participant_id="${id}"><nameID aor="sip:${number}@example.com"/></participant>
   <participantstreamassoc participant_id="${id}"><send>${stream}</send></participantstreamassoc>`;
const STREAMS =
  '<session session_id="s"/><stream stream_id="a" session_id="s"><label>1</label></stream><stream stream_id="b" session_id="s"><label>2</label></stream>';
const XML = (body: string, mode = 'complete'): string => `<recording><datamode>${mode}</datamode>${body}</recording>`;
const METADATA = XML(`${STREAMS}${person('p', '1001', 'a')}${person('q', '2002', 'b')}`);

type Piece = readonly [type: string, body: string | Buffer];

function request(method: string, pieces: readonly Piece[], headers: Record<string, string> = {}): SipRequest {
  const all = Headers.from({
    From: '<sip:src@192.0.2.1>;tag=1',
    To: '<sip:rec@192.0.2.9>',
    'Call-ID': 'c1',
    ...headers,
  });
  let body: Buffer = Buffer.alloc(0);
  if (pieces.length === 1) {
    all.set('Content-Type', pieces[0]![0]);
    body = Buffer.from(pieces[0]![1]);
  } else if (pieces.length > 1) {
    const written = writeMultipart(
      pieces.map(([contentType, part]) => ({ contentType, body: part })),
      'b1',
    );
    all.set('Content-Type', written.contentType);
    ({ body } = written);
  }
  return { kind: 'request', method, uri: 'sip:rec@192.0.2.9', version: 'SIP/2.0', headers: all, body };
}

const sdp = (text: string): Piece => ['application/sdp', text];
const xml = (text: string | Buffer): Piece => ['application/rs-metadata+xml', text];

function opened(pieces: readonly Piece[] = [sdp(TWO), xml(METADATA)], trunk = DEFAULT_TRUNK): Opening {
  const result = openSession(request('INVITE', pieces), trunk);
  if (result.kind !== 'opened') throw new Error(`${result.status} ${result.reason}`);
  return result;
}

function updated(
  state: SessionState,
  method: string,
  pieces: readonly Piece[],
  headers?: Record<string, string>,
): Update {
  const result = updateSession(state, request(method, pieces, headers));
  if (result.kind !== 'updated') throw new Error(`${result.status} ${result.reason}`);
  return result;
}

const numbers = (result: Opening | Update): (string | undefined)[] =>
  result.facts.call.parties.map((one) => one.number);
const speakers = (result: Opening | Update): (readonly string[])[] => result.facts.streams.map((one) => one.speakers);

describe('admission (RFC 7866 §6.1)', () => {
  const invite = (headers: Record<string, string>, pieces: Piece[] = [sdp(TWO)]): SipRequest =>
    request('INVITE', pieces, headers);

  it('a strict trunk needs Require: siprec, else 421 names it', () => {
    expect(openSession(invite({ Contact: SRC }), STRICT)).toMatchObject({
      kind: 'refused',
      status: 421,
      headers: { Require: 'siprec' },
    });
  });

  it('a strict trunk needs +sip.src, else 488', () => {
    expect(openSession(invite({ Contact: '<sip:src@192.0.2.1>', Require: 'siprec' }), STRICT)).toMatchObject({
      status: 488,
    });
    expect(openSession(invite({ Contact: '<sip:+sip.src@192.0.2.1>;x', Require: 'siprec' }), STRICT)).toMatchObject({
      status: 488,
    });
  });

  it('a strict trunk takes a session that shows both', () => {
    expect(openSession(invite({ Contact: SRC, Require: 'timer, siprec' }), STRICT).kind).toBe('opened');
  });

  it.each([
    ['+sip.src', { Contact: SRC }],
    ['src alone', { Contact: '<sip:192.0.2.1>;src' }],
    ['Require: siprec', { Require: 'siprec' }],
  ])('a lenient trunk takes %s for a sign', (_, headers) => {
    expect(openSession(invite(headers), LENIENT).kind).toBe('opened');
  });

  it('a lenient trunk takes metadata for a sign, and an ordinary call for none', () => {
    expect(openSession(invite({}, [sdp(TWO), xml('unreadable')]), LENIENT).kind).toBe('opened');
    expect(openSession(invite({ Contact: '<sip:srcery@192.0.2.1>' }), LENIENT)).toMatchObject({ status: 488 });
  });

  it('a recording trunk needs no sign', () => expect(openSession(invite({}), DEFAULT_TRUNK).kind).toBe('opened'));
});

describe('bodies', () => {
  it.each([
    ['SDP first', [sdp(TWO), xml(METADATA)]],
    ['XML first', [xml(METADATA), sdp(TWO)]],
    ['a third part between', [sdp(TWO), ['application/gtd', 'IAM,\r\n'] as Piece, xml(METADATA)]],
    ['metadata as text/xml', [sdp(TWO), ['text/xml', METADATA] as Piece]],
  ])('reads %s', (_, pieces) => {
    const result = opened(pieces);
    expect(speakers(result)).toEqual([['p'], ['q']]);
    expect(result.warnings).toEqual([]);
  });

  it('keeps the bytes of metadata that it cannot read, and records with a warning', () => {
    const raw = Buffer.from([0x3c, 0x21, 0xff, 0x00, 0x80]);
    const result = opened([sdp(TWO), xml(raw)]);
    expect(result.rawMetadata).toEqual(raw);
    expect(result.answer).toMatchObject({ streams: [0, 1] });
    expect(result.warnings.join()).toContain('could not be read');
    expect(result.facts.streams).toHaveLength(2);
  });

  it('uses what came before the fault when metadata stops half-way', () => {
    const result = opened([
      sdp(TWO),
      xml(METADATA.slice(0, METADATA.indexOf('<participantstreamassoc participant_id="q"'))),
    ]);
    expect(numbers(result)).toEqual(['1001', '2002']);
    expect(result.warnings.join()).toContain('could not be read as a whole');
  });

  it('finds both by their content when the multipart has lost its structure', () => {
    const body = `garbage\r\n${TWO}\r\n${METADATA}\r\nmore`;
    const result = opened([['multipart/mixed', body]]);
    expect(speakers(result)).toEqual([['p'], ['q']]);
    expect(result.rawMetadata?.toString()).toBe(METADATA);
    expect(result.warnings.join()).toContain('found by its content');
  });

  it('answers 400 to a session description that is none, 488 to one without audio, 415 to anything else', () => {
    const refusal = (pieces: Piece[]): unknown => openSession(request('INVITE', pieces), DEFAULT_TRUNK);
    expect(refusal([sdp('hello'), xml(METADATA)])).toMatchObject({ kind: 'refused', status: 400 });
    expect(refusal([sdp(SDP('m=video 5000 RTP/AVP 96')), xml(METADATA)])).toMatchObject({ status: 488 });
    expect(refusal([sdp(SDP('m=audio 0 RTP/AVP 0'))])).toMatchObject({ status: 488 });
    expect(refusal([sdp(SDP('m=audio 5000 UDP/TLS/RTP/SAVPF 0'))])).toMatchObject({ status: 488 });
    expect(refusal([['application/json', '{}']])).toMatchObject({
      status: 415,
      headers: { Accept: expect.stringContaining('sdp') },
    });
  });

  it('takes the audio beside a stream that it cannot take', () => {
    const result = opened([
      sdp(`${TWO}m=audio 5004 RTP/SAVP 0\r\na=label:3\r\nm=video 5006 RTP/AVP 96\r\n`),
      xml(METADATA),
    ]);
    expect(result.answer).toMatchObject({ streams: [0, 1] });
    expect(result.facts.streams.map((one) => one.state)).toEqual(['active', 'active', 'removed']);
    expect(result.warnings.join()).toContain('RTP/SAVP');
  });
});

describe('who speaks', () => {
  it('goes by labels whatever their value and order', () => {
    const swapped = SDP('m=audio 5000 RTP/AVP 0', 'a=label:2', 'm=audio 5002 RTP/AVP 0', 'a=label:1');
    expect(speakers(opened([sdp(swapped), xml(METADATA)]))).toEqual([['q'], ['p']]);
  });

  it('warns of labels without an m-line and of m-lines without metadata', () => {
    const other = SDP('m=audio 5000 RTP/AVP 0', 'a=label:1', 'm=audio 5002 RTP/AVP 0', 'a=label:9');
    const result = opened([sdp(other), xml(METADATA)]);
    expect(speakers(result)).toEqual([['p'], []]);
    expect(result.warnings).toHaveLength(2);
  });

  it('goes by order only when there are no labels at all, and says so', () => {
    const bare = SDP('m=audio 5000 RTP/AVP 0', 'm=audio 5002 RTP/AVP 0');
    const result = opened([sdp(bare), xml(METADATA)]);
    expect(speakers(result)).toEqual([['p'], ['q']]);
    expect(result.warnings.join()).toContain('no labels');
  });

  it('does not guess between streams or parties that have no id', () => {
    const nameless = XML(
      '<stream stream_id=""><label>1</label></stream><stream stream_id=""><label>2</label></stream><participant participant_id="p"><aor>1</aor><send></send></participant>',
    );
    expect(speakers(opened([sdp(TWO), xml(nameless)]))).toEqual([[], []]);
    const twins = XML(`${STREAMS}${person('', '1', 'a')}${person('', '2', 'b')}`);
    const result = opened([sdp(TWO), xml(twins)]);
    expect(speakers(result)).toEqual([[], []]);
    expect(new Set(result.facts.call.parties.map((one) => one.id)).size).toBe(2);
  });

  it('gives each stream an unknown party when nobody is named', () => {
    const result = opened([sdp(TWO)]);
    expect(result.facts.call.parties).toEqual([{ id: 'stream-0' }, { id: 'stream-1' }]);
    expect(speakers(result)).toEqual([['stream-0'], ['stream-1']]);
    expect(result.warnings).toEqual(['No metadata came with this session.']);
  });
});

describe('an INVITE without an offer', () => {
  it('is answered with an offer of two recvonly streams, and the streams come with the ACK', () => {
    const late = opened([xml(METADATA)]);
    expect(late.answer).toEqual({ kind: 'offer', lines: ['1', '2'] });
    if (late.answer.kind !== 'offer') throw new Error('unreachable');
    const ports = (index: number) => ({
      address: '192.0.2.9',
      rtpPort: 10_000 + 2 * index,
      rtcpPort: 10_001 + 2 * index,
    });
    const offer = recordingOffer(late.answer.lines, ports, { id: '1', version: '1', address: '192.0.2.9' });
    const read = mediaOf(parseSdp(Buffer.from(writeSdp(offer))));
    expect(read.map((one) => [one.direction, one.label, one.port])).toEqual([
      ['recvonly', '1', 10_000],
      ['recvonly', '2', 10_002],
    ]);
    const ack = takeAnswer(late.state, request('ACK', [sdp(TWO)]));
    if (ack.kind !== 'updated') throw new Error('refused');
    expect(speakers(ack)).toEqual([['p'], ['q']]);
    expect(ack.changes.map((one) => one.type)).toEqual(['stream-added', 'stream-added']);
  });
});

describe('updates within the session', () => {
  it('an UPDATE with metadata alone needs no answer body', () => {
    const changed = XML(`${STREAMS}${person('p', '1001', 'a')}${person('r', '3003', 'b')}`);
    const result = updated(opened().state, 'UPDATE', [xml(changed)]);
    expect(result.answer).toEqual({ kind: 'none' });
    expect(numbers(result)).toEqual(['1001', '3003']);
    expect(result.changes.map((one) => one.text)).toEqual(['2002 left the call.', '3003 joined the call.']);
  });

  it('a re-INVITE without an offer gets one of ours with every stream in its place', () => {
    const three = `${TWO}m=audio 5004 RTP/AVP 0\r\na=label:3\r\n`;
    let { state } = opened([sdp(three), xml(METADATA)]);
    ({ state } = updated(state, 'INVITE', [sdp(three.replace('audio 5000', 'audio 0'))]));
    expect(updated(state, 'INVITE', []).answer).toEqual({ kind: 'offer', lines: [null, '2', '3'] });
  });

  it('an unreadable update leaves everything as it was and says so', () => {
    const result = updated(opened().state, 'UPDATE', [xml('<recording><participant participant_id="x"')]);
    expect(numbers(result)).toEqual(['1001', '2002']);
    expect(result.facts.warnings.join()).toContain('What was known before stays');
    expect(result.changes).toMatchObject([{ type: 'metadata' }]);
    expect(result.rawMetadata).not.toBeNull();
  });

  it('a refused offer leaves the state alone', () => {
    const { state } = opened();
    expect(updateSession(state, request('INVITE', [sdp('nonsense')]))).toMatchObject({ kind: 'refused', status: 400 });
    expect(updateSession(state, request('INVITE', [sdp(SDP('m=audio 5000 RTP/SAVP 0'))]))).toMatchObject({
      status: 488,
    });
  });

  it('a complete update that names nobody does not empty the call', () => {
    const result = updated(opened().state, 'UPDATE', [xml(XML('<session session_id="s"/>'))]);
    expect(numbers(result)).toEqual(['1001', '2002']);
  });

  it('streams that an offer leaves out stay in their place as removed', () => {
    const result = updated(opened().state, 'INVITE', [sdp(TWO.slice(0, TWO.lastIndexOf('m=')))]);
    expect(result.facts.streams.map((one) => [one.index, one.state])).toEqual([
      [0, 'active'],
      [1, 'removed'],
    ]);
  });

  it.each([
    ['inactive', (text: string) => text.replaceAll('sendonly', 'inactive')],
    ['recvonly', (text: string) => text.replaceAll('sendonly', 'recvonly')],
    ['a null address', (text: string) => text.replace('c=IN IP4 192.0.2.1', 'c=IN IP4 0.0.0.0')],
  ])('hold by %s, and back', (_, hold) => {
    const held = updated(opened().state, 'INVITE', [sdp(hold(TWO))]);
    expect(held.facts.streams.map((one) => one.sourceAddress)).toEqual(['192.0.2.1', '192.0.2.1']);
    expect(held.facts.streams.map((one) => one.state)).toEqual(['held', 'held']);
    expect(held.answer.kind).toBe('answer');
    const back = updated(held.state, 'INVITE', [sdp(TWO)]);
    expect(back.changes.map((one) => one.type)).toEqual(['stream-resumed', 'stream-resumed']);
  });

  it('inherits the override when an update is silent on it (D2)', () => {
    const { state } = opened();
    const forced = updated(state, 'UPDATE', [xml(METADATA)], { mdc_mon_mode: 'Deny' });
    expect(forced.facts.call.override).toBe('deny');
    expect(updated(forced.state, 'INVITE', [sdp(TWO)]).facts.call.override).toBe('deny');
  });

  it('a party keeps the part that an update is silent on', () => {
    const calling = '<extensiondata><callingParty>true</callingParty></extensiondata></participant>';
    const { state } = opened([sdp(TWO), xml(METADATA.replace('</participant>', calling))]);
    expect(state.facts.call.parties[0]?.role).toBe('caller');
    expect(updated(state, 'UPDATE', [xml(METADATA)]).facts.call.parties[0]?.role).toBe('caller');
  });

  it('a party with a new id and the same address is the same party', () => {
    const renamed = XML(`${STREAMS}${person('new1', '1001', 'a')}${person('new2', '2002', 'b')}`);
    const result = updated(opened().state, 'UPDATE', [xml(renamed)]);
    expect(speakers(result)).toEqual([['p'], ['q']]);
    expect(result.changes).toEqual([{ type: 'metadata', text: 'New metadata came; nobody joined or left.' }]);
  });

  it('metadata that comes later names the unknown', () => {
    const result = updated(opened([sdp(TWO)]).state, 'UPDATE', [xml(METADATA)]);
    expect(speakers(result)).toEqual([['p'], ['q']]);
    expect(result.facts.warnings).toEqual([]);
    expect(result.changes.map((one) => one.type)).toEqual(['party-joined', 'party-joined']);
  });

  it('partial updates apply in order, across a JSON round trip of the state', () => {
    let { state } = opened();
    const partial = (body: string): void => {
      state = JSON.parse(JSON.stringify(state)) as SessionState;
      ({ state } = updated(state, 'UPDATE', [xml(XML(body, 'partial'))]));
    };
    partial(
      '<participantsessionassoc participant_id="q" session_id="s"><disassociate-time>2026-01-01T00:00:01Z</disassociate-time></participantsessionassoc>',
    );
    expect(state.facts.call.parties.map((one) => one.id)).toEqual(['p']);
    partial(person('r', '3003', 'b'));
    expect(state.facts.streams[1]?.speakers).toEqual(['r']);
    partial(
      '<participantsessionassoc participant_id="q" session_id="s"><associate-time>2026-01-01T00:00:05Z</associate-time></participantsessionassoc>',
    );
    expect(state.facts.streams[1]?.speakers).toEqual(['q', 'r']);
  });

  it('does not grow without bound', () => {
    let { state } = opened();
    for (let i = 0; i < 400; i += 1) {
      const body = XML(
        `<participant participant_id="n${i}"><aor>${i}</aor></participant><group group_id="group-${i}"/>`,
        'partial',
      );
      ({ state } = updated(state, 'UPDATE', [xml(body)], {
        [`X-Case-Id-${i}`]: String(i),
        'X-Call-Id': `call-${i}-xxxxx`,
      }));
    }
    expect(JSON.stringify(state).length).toBeLessThan(150_000);
    expect(state.headers.some(([name]) => name === 'From')).toBe(true);
  });
});

describe('a request for a snapshot', () => {
  it('is well-formed whatever the reason', () => {
    const { contentType, body } = snapshotRequest('lost <state> & "more"\r\n');
    const { root, fault } = readXml(body);
    expect(contentType).toBe('application/rs-metadata-request');
    expect(fault).toBeUndefined();
    expect(root).toMatchObject({
      name: 'requestsnapshot',
      children: [{ name: 'requestreason', text: 'lost <state> & "more"' }],
    });
  });
});
