import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { openTcp } from '../transport/tcp.ts';
import { openUdp } from '../transport/udp.ts';
import { UserAgent } from './agent.ts';
import { SDP } from './agents.fixture.ts';

const SIPP = '/usr/bin/sipp';

/** INVITE, 200, ACK, a pause, re-INVITE, ACK, BYE. */
const SCENARIO = `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="session">
${invite(1)}
<recv response="100" optional="true"/>
<recv response="200" rrs="true"/>
${inDialog('ACK', 1)}
<pause milliseconds="100"/>
${inDialog('INVITE', 2)}
<recv response="100" optional="true"/>
<recv response="200"/>
${inDialog('ACK', 2)}
${inDialog('BYE', 3)}
<recv response="200"/>
</scenario>
`;

function invite(seq: number): string {
  return `<send retrans="500"><![CDATA[
INVITE sip:rec@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: <sip:alice@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:rec@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: ${seq} INVITE
Contact: <sip:alice@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
t=0 0
]]></send>`;
}

function inDialog(method: string, seq: number): string {
  const body =
    method === 'INVITE'
      ? 'Content-Type: application/sdp\nContent-Length: [len]\n\nv=0\ns=-\n'
      : 'Content-Length: 0\n\n';
  return `<send${method === 'ACK' ? '' : ' retrans="500"'}><![CDATA[
${method} sip:rec@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: <sip:alice@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:rec@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${seq} ${method}
Contact: <sip:alice@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
${body}]]></send>`;
}

describe.skipIf(!existsSync(SIPP))('sipp as the caller', () => {
  let folder: string;
  const agents: UserAgent[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-sipp-'));
    writeFileSync(join(folder, 'session.xml'), SCENARIO);
  });

  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['UDP', 'u1'],
    ['TCP', 't1'],
    ['TCP, a connection each', 'tn'],
  ])('sets up, changes and ends 50 sessions over %s', async (_name, mode) => {
    const clock = systemClock();
    const agent = new UserAgent({ clock, product: 'earshot', trunk: () => DEFAULT_TRUNK });
    agents.push(agent);
    const options = { host: '127.0.0.1', port: 0, clock, log: silentLog };
    const transport = mode === 'u1' ? await openUdp(options) : await openTcp(options);
    agent.listen(transport);
    const answer = { body: SDP, contentType: 'application/sdp' };
    const counts = { acks: 0, changes: 0, byes: 0 };
    agent.onInvite = (invitation) => {
      const prepared = invitation.prepare(answer);
      prepared.session.handlers = {
        onAck: () => counts.acks++,
        onReinvite: () => {
          counts.changes++;
          return Promise.resolve({ status: 200, ...answer });
        },
        onBye: () => counts.byes++,
      };
      prepared.send();
    };
    const parameters = `127.0.0.1:${transport.port} -sf session.xml -t ${mode} -m 50 -r 100 -i 127.0.0.1`;
    const limits = '-nostdin -max_socket 500 -timeout 10s -timeout_error';
    const [status, output] = await sipp(folder, `${parameters} ${limits}`.split(' '));
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(counts).toEqual({ acks: 100, changes: 50, byes: 50 });
    expect(agent.stats().dialogs).toBe(0);
  });
});

function sipp(folder: string, parameters: readonly string[]): Promise<[number, string]> {
  return new Promise((resolve) => {
    execFile(SIPP, parameters, { cwd: folder, timeout: 14_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve([status, stderr + stdout.slice(-2000)]);
    });
  });
}
