import { siprecBody } from '../../src/cli/caller/body.ts';
import { callMetadata, type TestParty } from '../../src/cli/caller/metadata.ts';
import type { InviteOutcome, Session } from '../../src/sip/agent/api.ts';
import type { RecordingClient } from './recording-client.ts';
import { RtpSource, type MediaTarget } from './rtp-source.ts';

export const TELEPHONE_EVENT = 101;

export interface OfferForm {
  readonly direction?: 'sendonly' | 'inactive';
  readonly version?: number;
}

/** A session description of two labelled streams, as a recording client offers it. */
export function describe(ports: readonly number[], { direction = 'sendonly', version = 1 }: OfferForm = {}): string {
  const media = ports.flatMap((port, index) => [
    `m=audio ${port} RTP/AVP 0 ${TELEPHONE_EVENT}`,
    'a=rtpmap:0 PCMU/8000',
    `a=rtpmap:${TELEPHONE_EVENT} telephone-event/8000`,
    `a=label:${index + 1}`,
    `a=${direction}`,
  ]);
  const head = ['v=0', `o=client 7 ${version} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  return [...head, ...media, ''].join('\r\n');
}

/** Where the other side wants each stream. */
export function targetsOf(description: string): MediaTarget[] {
  return [...description.matchAll(/^m=audio (\d+) /gm)].map(([, port]) => ({
    address: '127.0.0.1',
    port: Number(port),
  }));
}

export interface SessionPlan {
  readonly from: string;
  /** Undefined: the body holds a session description alone. */
  readonly metadata?: string;
  /** The INVITE holds no session description: the server offers. */
  readonly lateOffer?: boolean;
  /** Further headers of the INVITE. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Number of the recorder that is called. */
  readonly to?: string;
}

/** A session that a test leads through its changes step by step. */
export class RecordedSession {
  readonly session: Session;
  readonly streams: readonly [RtpSource, RtpSource];
  #version = 1;

  private constructor(session: Session, streams: readonly [RtpSource, RtpSource]) {
    this.session = session;
    this.streams = streams;
  }

  static async open(client: RecordingClient, plan: SessionPlan): Promise<RecordedSession> {
    const streams = [await RtpSource.open('127.0.0.1'), await RtpSource.open('127.0.0.1')] as const;
    const { session, response } = await invite(client, plan, describe(streams.map((one) => one.port)));
    if (session === undefined) {
      for (const stream of streams) stream.close();
      throw new Error(`refused: ${response.status} ${response.reason}`);
    }
    const recorded = new RecordedSession(session, streams);
    recorded.#aim(response.body.toString());
    return recorded;
  }

  /** A re-INVITE with the streams in this direction; @returns the answer */
  async change(direction: 'sendonly' | 'inactive'): Promise<string> {
    const body = describe(
      this.streams.map((one) => one.port),
      { direction, version: ++this.#version },
    );
    const response = await this.session.request('INVITE', { body, contentType: 'application/sdp' });
    if (response.status !== 200) throw new Error(`re-INVITE: ${response.status} ${response.reason}`);
    const answer = response.body.toString();
    this.#aim(answer);
    return answer;
  }

  /** Tells who is in the call now, or what else the headers say of it. */
  async tell(metadata: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const body = { body: metadata, contentType: 'application/rs-metadata+xml' };
    const response = await this.session.request('UPDATE', {
      ...body,
      headers: { 'Content-Disposition': 'recording-session', ...headers },
    });
    if (response.status !== 200) throw new Error(`UPDATE: ${response.status} ${response.reason}`);
  }

  /** Both parties speak at once. */
  async speak(left: Buffer, right: Buffer): Promise<void> {
    await Promise.all([this.streams[0].speak(left), this.streams[1].speak(right)]);
  }

  async end(): Promise<void> {
    await this.session.bye();
    for (const stream of this.streams) stream.close();
  }

  #aim(description: string): void {
    targetsOf(description).forEach((target, index) => {
      this.streams[index]!.target = target;
    });
  }
}

function invite(client: RecordingClient, plan: SessionPlan, sdp: string): Promise<InviteOutcome> {
  const { agent, protocol, destination } = client;
  const { metadata, lateOffer = false, to = 'recorder' } = plan;
  const description = { body: sdp, contentType: 'application/sdp' };
  const withMetadata = metadata === undefined ? description : siprecBody(sdp, metadata);
  const alone = metadata === undefined ? {} : { body: metadata, contentType: 'application/rs-metadata+xml' };
  return agent.invite({
    target: `sip:${to}@127.0.0.1:${destination.port}`,
    destination,
    protocol,
    from: `<sip:${plan.from}@example.com>`,
    headers: { Require: 'siprec', ...plan.headers },
    contactParams: { '+sip.src': null },
    ...(lateOffer ? { ...alone, answerOffer: () => description } : withMetadata),
  });
}

export function metadataOf(id: string, caller: TestParty, callee: TestParty): string {
  return callMetadata(id, caller, callee, new Date());
}
