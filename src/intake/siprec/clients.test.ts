import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { answerRecording } from '../../sdp/answer.ts';
import { parseMessage } from '../../sip/parse.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { SessionFacts } from '../types.ts';
import { fixtureNames, readFixture } from './fixtures.ts';
import { openSession } from './session/open.ts';
import type { Opening, Update } from './session/types.ts';
import { updateSession } from './session/update.ts';

function request(bytes: Buffer): SipRequest {
  const message = parseMessage(bytes);
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

function open(client: string, index = 0): Opening {
  const result = openSession(request(readFixture(client)[index]!.bytes), DEFAULT_TRUNK);
  if (result.kind !== 'opened') throw new Error(`${client}: ${result.status} ${result.reason}`);
  return result;
}

/** Opens the session and applies the follow-ups up to `last`; returns what each brought. */
function follow(client: string, last: number): Update[] {
  const updates: Update[] = [];
  let { state } = open(client);
  for (const message of readFixture(client).slice(1, last + 1)) {
    const result = updateSession(state, request(message.bytes));
    if (result.kind !== 'updated') throw new Error(`${client}: ${result.status} ${result.reason}`);
    updates.push(result);
    ({ state } = result);
  }
  return updates;
}

/** `name number role` of each party, and who speaks on which label. */
function summary(facts: SessionFacts): { parties: string[]; streams: Record<string, string[]>; direction: string } {
  const who = new Map(facts.call.parties.map((one) => [one.id, one.name ?? one.number ?? one.id]));
  return {
    parties: facts.call.parties.map(({ name, number, role }) => [name ?? '-', number ?? '-', role ?? '-'].join(' ')),
    streams: Object.fromEntries(facts.streams.map((one) => [one.label, one.speakers.map((id) => who.get(id) ?? '?')])),
    direction: facts.call.direction,
  };
}

const states = (facts: SessionFacts): string[] => facts.streams.map((one) => one.state);
const texts = (update: Update): string[] => update.changes.map((one) => one.text);

describe('every client', () => {
  it.each(fixtureNames())('%s: the raw metadata is kept byte for byte', (client) => {
    const [first] = readFixture(client);
    const { rawMetadata, answer } = open(client);
    expect(rawMetadata).toEqual(first!.metadata);
    expect(answer.kind).toBe('answer');
  });

  it.each(fixtureNames())('%s: the answer takes exactly the streams that the plan asks ports for', (client) => {
    const { answer } = open(client);
    if (answer.kind !== 'answer') throw new Error('no offer');
    const asked: number[] = [];
    const ports = (index: number) => {
      asked.push(index);
      return { address: '192.0.2.200', rtpPort: 40_000 + 2 * index, rtcpPort: 40_001 + 2 * index };
    };
    const description = answerRecording(answer.offer, ports, { id: '1', version: '1', address: '192.0.2.200' });
    expect(asked).toEqual(answer.streams);
    expect(description.media).toHaveLength(answer.offer.media.length);
  });

  it.each(fixtureNames())('%s: its state and facts survive JSON', (client) => {
    const { state } = open(client);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it.each(fixtureNames().filter((name) => !/kamailio/.test(name)))('%s: nothing to warn of', (client) => {
    expect(open(client).warnings).toEqual([]);
  });
});

describe('RFC 7866 as written', () => {
  it('reads parties, streams and ids', () => {
    const { facts } = open('rfc-plain');
    expect(summary(facts)).toEqual({
      parties: ['Alice alice -', 'Bob bob -'],
      streams: { 96: ['Alice'], 97: ['Bob'] },
      direction: 'UNKNOWN',
    });
    expect(facts.call.vendorIds).toMatchObject({
      recordingCallId: 'rfc-plain-1@192.0.2.10',
      session: 'c2Vzc2lvbi0wMDAwMDAwMQ==',
    });
    expect(facts.joinKeys).toEqual([
      'sipSessionID=0f6b1c2d3e4f5061728394a5b6c7d8e9',
      'sipSessionID=1a2b3c4d5e6f708192a3b4c5d6e7f809',
      'session=c2Vzc2lvbi0wMDAwMDAwMQ==',
      'group=Z3JvdXAtMDAwMDAwMDAwMQ==',
    ]);
  });

  it('follows a partial update, a hold, a removed and an added stream', () => {
    const [transfer, hold, streams] = follow('rfc-plain', 3);
    expect(summary(transfer!.facts)).toMatchObject({
      parties: ['Alice alice -', 'Carol carol -'],
      streams: { 97: ['Carol'] },
    });
    expect(texts(transfer!)).toEqual(['Bob (bob) left the call.', 'Carol (carol) joined the call.']);
    expect(transfer!.answer).toEqual({ kind: 'none' });
    expect(states(hold!.facts)).toEqual(['held', 'held']);
    expect(summary(hold!.facts).parties).toHaveLength(2);
    expect(texts(hold!)).toEqual([
      'Stream 96 (Alice (alice)) was put on hold.',
      'Stream 97 (Carol (carol)) was put on hold.',
    ]);
    expect(states(streams!.facts)).toEqual(['active', 'removed', 'active']);
    expect(streams!.facts.streams.map((one) => one.index)).toEqual([0, 1, 2]);
    expect(streams!.changes.map((one) => one.type)).toEqual(['stream-resumed', 'stream-removed', 'stream-added']);
    expect(streams!.answer).toMatchObject({ kind: 'answer', streams: [0, 2] });
  });
});

describe('OpenSIPS', () => {
  it('has the Call-ID of the call, the script’s own data, and parties in spite of From and To', () => {
    const { facts } = open('opensips');
    expect(summary(facts)).toMatchObject({
      parties: ['Alice 1001 -', '- 2002 -'],
      streams: { 1: ['Alice'], 2: ['2002'] },
    });
    expect(facts.call.vendorIds).toMatchObject({
      callId: '3c26700a-5f0d-4e8a@198.51.100.20',
      tenant: 'blue',
      casenumber: '4711',
    });
    expect(facts.joinKeys).toContain('callId=3c26700a-5f0d-4e8a@198.51.100.20');
  });

  it('changes the party by a complete re-INVITE', () => {
    const [update] = follow('opensips', 1);
    expect(summary(update!.facts).streams).toEqual({ 1: ['Alice'], 2: ['Carol'] });
    expect(texts(update!)).toEqual(['2002 left the call.', 'Carol (3003) joined the call.']);
    expect(update!.rawMetadata).toEqual(readFixture('opensips')[1]!.metadata);
  });
});

describe('Cisco CUBE', () => {
  it('begins inactive, with parties that speak nowhere yet', () => {
    const { facts, answer } = open('cisco-cube');
    expect(summary(facts)).toMatchObject({ parties: ['Alice +15550101 -', 'Bob 2002 -'], streams: { 1: [], 2: [] } });
    expect(states(facts)).toEqual(['held', 'held']);
    expect(answer).toMatchObject({ kind: 'answer', streams: [0, 1] });
  });

  it('knows the GUID from the header and from the ISDN part as the same', () => {
    const { facts, state } = open('cisco-cube');
    expect(facts.joinKeys).toContain('guid=f12d00b456d611f080500307c0a80a1e');
    expect(facts.joinKeys).toContain('sipSessionID=5d3e0c4f4b1511f08a2e00505698a1b2');
    expect(facts.joinKeys).toContain('sipSessionID=9f1c2b7a00105000a00074a02fc0a5d1');
    expect(facts.joinKeys).not.toContain('sipSessionID=00000000000000000000000000000000');
    expect(state.attachments).toMatchObject([{ type: 'application/gtd' }]);
  });

  it('goes on with its streams and speakers', () => {
    const [update] = follow('cisco-cube', 1);
    expect(summary(update!.facts).streams).toEqual({ 1: ['Alice'], 2: ['Bob'] });
    expect(update!.changes.map((one) => one.type)).toEqual(['stream-resumed', 'stream-resumed']);
    expect(update!.state.attachments).toHaveLength(1);
  });

  it('names parties by headers in its network-based form', () => {
    const { facts } = open('cisco-network');
    expect(summary(facts)).toMatchObject({
      parties: ['- +15550101 -', 'Bob 2002 -'],
      streams: { 0: ['+15550101'], 1: ['Bob'] },
    });
    expect(facts.joinKeys).toEqual(['guid=ab12cd3456d811f080800002c0a80a20']);
  });
});

describe('Oracle', () => {
  it('says who called, carries headers and the override, and the UCID', () => {
    const { facts } = open('oracle');
    expect(summary(facts)).toMatchObject({
      parties: ['Bob 2002 callee', 'Alice +15550101 caller'],
      streams: { 65804: ['Bob'], 65805: ['Alice'] },
    });
    expect(facts.call.override).toBe('manual');
    expect(facts.call.vendorIds).toMatchObject({ ucid: '0001000A4BF3A1C2', 'X-Case': '4711' });
    expect(facts.joinKeys).toContain('ucid=0001000A4BF3A1C2');
  });
});

describe('Avaya SBCE', () => {
  it('begins with a stand-in that is no party', () => {
    const { facts } = open('avaya-sbce');
    expect(summary(facts)).toMatchObject({ parties: ['Bob 2002 -'], streams: { 1: [], 2: ['Bob'] } });
    expect(facts.joinKeys).toContain('ucid=0001002A5F12B3C4');
  });

  it('gets the real party by a bare UPDATE', () => {
    const [update] = follow('avaya-sbce', 1);
    expect(summary(update!.facts)).toMatchObject({
      parties: ['Alice +15550101 -', 'Bob 2002 -'],
      streams: { 1: ['Alice'], 2: ['Bob'] },
    });
    expect(texts(update!)).toEqual(['Alice (+15550101) joined the call.']);
    expect(update!.answer.kind).toBe('none');
  });
});

describe('Sonus', () => {
  it('has the caller on label 2', () => {
    const { facts } = open('sonus');
    expect(summary(facts)).toMatchObject({
      parties: ['- 2002 callee', 'Alice +15550101 caller'],
      streams: { 1: ['2002'], 2: ['Alice'] },
    });
    expect(facts.call.vendorIds).toMatchObject({ callId: '788535_5550101@198.51.100.1', gcid: '16777235' });
    expect(facts.joinKeys).toContain('gcid=16777235@default');
  });
});

describe('AudioCodes', () => {
  it('is read without a closing boundary and with headers without a space', () => {
    const { facts } = open('audiocodes');
    expect(summary(facts)).toMatchObject({
      parties: ['Alice +15550101 -', 'Bob 2002 -'],
      streams: { 1: ['Alice'], 2: ['Bob'] },
    });
    // 20 decimal digits: node 1, sequence 42, time 1601123456.
    expect(facts.call.vendorIds['ucid']).toBe('0001002A5F6F3480');
    expect(facts.joinKeys).toContain('genesysUuid=08QO1BDMEGQ1F3V4D8R2V2LAES000001');
  });

  it('asks for a pause by INFO', () => {
    const [update] = follow('audiocodes', 1);
    expect(update).toMatchObject({ control: 'pause', changes: [], answer: { kind: 'none' } });
  });
});

describe('BroadWorks', () => {
  it('knows direction, parts and ids of the half that it records', () => {
    const { facts } = open('broadworks');
    expect(summary(facts)).toEqual({
      parties: ['- +15550101 caller', '- 2002 callee'],
      streams: { 1: ['+15550101'], 2: ['2002'] },
      direction: 'OUT',
    });
    expect(facts.call.vendorIds).toMatchObject({
      callId: 'callhalf-12345:0',
      trackingId: '152463:1',
      userId: 'alice@bw.example.com',
    });
    expect(facts.joinKeys).toContain('trackingId=152463:1@default');
  });

  it('pauses by a null address with other ports and goes on', () => {
    const [hold, resume] = follow('broadworks', 2);
    expect(states(hold!.facts)).toEqual(['held', 'held']);
    expect(hold!.facts.streams.map((one) => one.sourcePort)).toEqual([27010, 27012]);
    expect(summary(hold!.facts).streams).toEqual({ 1: ['+15550101'], 2: ['2002'] });
    expect(resume!.changes.map((one) => one.type)).toEqual(['stream-resumed', 'stream-resumed']);
  });

  it('Webex: takes numbers from From and the metadata, not from opaque user ids', () => {
    const { facts } = open('webex');
    expect(summary(facts)).toMatchObject({ parties: ['- +15550102 callee', '- +15550101 caller'], direction: 'IN' });
    expect(facts.call.parties.map((one) => one.aor)).toEqual([
      'sip:kq3v7m@wx.example.com',
      'sip:z81xw0@wx.example.com',
    ]);
  });

  it('Webex: a party who is listed without send has left', () => {
    const [update] = follow('webex', 1);
    expect(update!.facts.call.parties.map((one) => one.aor)).toEqual([
      'sip:kq3v7m@wx.example.com',
      'sip:p55hh2@wx.example.com',
    ]);
    expect(update!.facts.streams.map((one) => one.speakers.length)).toEqual([1, 1]);
    expect(update!.changes.map((one) => one.type)).toEqual(['party-left', 'party-joined']);
    expect(update!.facts.call.vendorIds).toMatchObject({
      'redirection.redirectedFromInfo': 'sip:+15550199@wx.example.com',
    });
  });
});

describe('Metaswitch', () => {
  it('has two parties on one mixed stream', () => {
    const { facts } = open('metaswitch');
    expect(summary(facts)).toEqual({
      parties: ['Alice 5550101 caller', '- 5550102 callee'],
      streams: { 1: ['Alice', '5550102'] },
      direction: 'OUT',
    });
    expect(facts.call.vendorIds).toMatchObject({ recordedParty: '5550101', dialedDigits: '95550102' });
  });
});

describe('jambonz', () => {
  it('needs no +sip.src', () => {
    const { facts } = open('jambonz');
    expect(summary(facts)).toMatchObject({
      parties: ['+15550101 +15550101 caller', '+15550102 +15550102 callee'],
      direction: 'IN',
    });
    expect(facts.call.vendorIds).toMatchObject({ carrier: 'Carrier & Co', callId: 'aa-bb-cc@192.0.2.100' });
    expect(facts.joinKeys).toContain('callSid=5a1b7c9e-0d34-4b8e-9a77-111111111111');
  });

  it('pauses by plain SDP and resumes by INFO', () => {
    const [pause, resume] = follow('jambonz', 2);
    expect(states(pause!.facts)).toEqual(['held', 'held']);
    expect(summary(pause!.facts).parties).toHaveLength(2);
    expect(resume!.control).toBe('resume');
  });
});

describe('NetSapiens', () => {
  it('begins anew with the same group when a party changes', () => {
    const [before, after] = [open('netsapiens').facts, open('netsapiens', 2).facts];
    expect(summary(before).streams).toEqual({ 1: ['Alice'], 2: ['Bob'] });
    expect(summary(after).streams).toEqual({ 1: ['Alice'], 2: ['Carol'] });
    expect([before, after].map((one) => one.call.vendorIds['groupSeq'])).toEqual(['1', '2']);
    expect(before.call.vendorIds['callId']).toBe('20260105090000000102-cs@192.0.2.110');
    const shared = before.joinKeys.filter((key) => after.joinKeys.includes(key));
    expect(shared).toEqual(['group=20260105090000000100-grp@192.0.2.110']);
  });
});

describe('Kamailio with rtpengine', () => {
  it('has no metadata; the ends are known, but not who speaks where', () => {
    const { facts, warnings } = open('kamailio-rtpengine');
    expect(summary(facts)).toMatchObject({
      parties: ['Alice +15550101 caller', '- 2002 callee'],
      streams: { 0: [], 1: [] },
    });
    expect(warnings).toEqual(['No metadata came with this session.']);
  });
});

describe('FreeSWITCH', () => {
  it('is read with the metadata first, and takes the override from its header', () => {
    const { facts } = open('freeswitch');
    expect(summary(facts)).toMatchObject({
      parties: ['1001 1001 -', '- +15550102 -'],
      streams: { 1: ['1001'], 2: ['+15550102'] },
    });
    expect(facts.call.override).toBe('force');
    expect(facts.joinKeys).toContain('x-fs-call-uuid=0c2a8d9c-8d6c-11f0-9a1e-0242ac120002');
  });
});
