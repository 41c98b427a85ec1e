import { describe, expect, it } from 'vitest';
import type { TrunkHeaders } from '../../../base/trunks.ts';
import { Headers } from '../../../sip/headers.ts';
import type { CallFacts } from '../../../policy/types.ts';
import { parseMetadata } from '../metadata/parse.ts';
import { buildFacts } from './build.ts';

/** Facts of a session with these headers and metadata. */
function factsOf(parts: {
  headers?: Record<string, string>;
  metadata?: string;
  names?: TrunkHeaders;
  uri?: string;
}): CallFacts {
  const { headers = {}, metadata, names, uri = 'sip:recorder@192.0.2.9' } = parts;
  return buildFacts({
    trunk: 'sbc',
    requestUri: uri,
    headers: Headers.from(headers),
    metadata: metadata === undefined ? undefined : parseMetadata(Buffer.from(metadata)).metadata,
    attachments: [],
    streams: [],
    notes: [],
    ...(names === undefined ? {} : { factHeaders: names }),
  }).call;
}

const people = (extra: string): string => `<recording xmlns="urn:ietf:params:xml:ns:recording:1">
  <session session_id="s1"/>
  <participant participant_id="p1"><nameID aor="sip:1001@acme.example.com"><name>Alice</name></nameID>
    <extensiondata><mac>00:17:95:bd:d1:6b</mac><agentId>77</agentId><userName>alice</userName></extensiondata></participant>
  <participant participant_id="p2"><nameID aor="sip:+15550102@192.0.2.10"/></participant>
  ${extra}</recording>`;

describe('the override (D2)', () => {
  it.each(['MDC_MON_MODE', 'mdc-mon-mode', 'X-MDC-MON-MODE', 'X-Mdc_Mon_Mode'])('comes in %s', (name) => {
    expect(factsOf({ headers: { [name]: ' DENY ' } }).override).toBe('deny');
  });

  it('does not come in another header', () => {
    expect(factsOf({ headers: { 'X-MDC-MON-MODEL': 'deny' } }).override).toBeUndefined();
  });

  it('comes in the header that the trunk names, in extension data as well', () => {
    const names = { override: 'X-Record-Wish' };
    expect(factsOf({ headers: { 'x-record-wish': 'force' }, names }).override).toBe('force');
    expect(factsOf({ headers: { 'x-record-wish': 'force' } }).override).toBeUndefined();
    const metadata = people('<extensiondata><xRecordWish>Manual</xRecordWish></extensiondata>');
    expect(factsOf({ metadata, names }).override).toBe('manual');
  });
});

describe('what policy asks for', () => {
  it('comes in the headers that the trunk names', () => {
    const names = { dialled: 'X-Dialled', presented: 'X-Presented', queue: 'X-Queue', tenant: 'X-Tenant' };
    const headers = {
      'X-Dialled': '<sip:+15550100@sbc.example.com>',
      'X-Presented': '+15550190',
      'X-Queue': 'Sales',
      'X-Tenant': 'acme, north',
    };
    expect(factsOf({ headers, names })).toMatchObject({
      dialled: '+15550100',
      presented: '+15550190',
      queue: 'Sales',
      tenants: ['acme', 'north'],
    });
    const { dialled, presented, queue, tenants } = factsOf({ headers });
    expect([dialled, presented, queue, tenants]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([
    ['sip:90001234@192.0.2.9', '90001234'],
    ['sip:*55@192.0.2.9;transport=tcp', '*55'],
    ['sip:recorder@192.0.2.9', undefined],
    ['sip:192.0.2.9', undefined],
  ])('a number that the session was sent to may be a pilot (S8): %s', (uri, pilot) => {
    expect(factsOf({ uri }).pilot).toBe(pilot);
  });

  it('domains of addresses may name the tenant, those of machines do not (D8)', () => {
    expect(factsOf({ metadata: people('') }).tenants).toEqual(['acme.example.com']);
  });

  it("a participant's own data name its device, agent and user (D8)", () => {
    expect(factsOf({ metadata: people('') }).parties[0]).toMatchObject({
      name: 'Alice',
      number: '1001',
      device: '00:17:95:bd:d1:6b',
      agent: '77',
      user: 'alice',
    });
  });

  it('BroadWorks: a call sent on was dialled to the first number; enterprise and group are tenants; the recorded user has an id', () => {
    const ext = (half: string): string => `<extensiondata><broadWorksRecordingMetadata>
      <serviceProviderID>ExampleCo</serviceProviderID><groupID>Main</groupID><userID>1001@acme.example.com</userID>
      <callType><${half}><callingPartyNumber>+15550102</callingPartyNumber><calledPartyNumber>1001</calledPartyNumber></${half}></callType>
      <redirection><redirectedFromInfo>sip:+15550199@bw.example.com</redirectedFromInfo></redirection>
      <acdCallCenter><acdName>Support</acdName></acdCallCenter>
      </broadWorksRecordingMetadata></extensiondata>
      <participantstreamassoc participant_id="p1"><send>a</send></participantstreamassoc>
      <participantstreamassoc participant_id="p2"><send>b</send></participantstreamassoc>`;
    const facts = factsOf({ metadata: people(ext('termCall')) });
    expect(facts).toMatchObject({ dialled: '+15550199', queue: 'Support', direction: 'IN' });
    expect(facts.tenants).toEqual(['ExampleCo/Main', 'ExampleCo', 'acme.example.com']);
    expect(facts.parties[0]).toMatchObject({ user: '1001@acme.example.com', role: 'callee' });
    expect(factsOf({ metadata: people(ext('origCall')) }).dialled).toBeUndefined();
  });
});
