import type { VirtualClock } from '../base/clock.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { SipParseError } from './parse-error.ts';
import type { MemoryNetwork } from './transport/memory.ts';
import type { Protocol, Transport } from './transport/types.ts';

/** A peer without any intelligence: sends the bytes it is told to and notes when what arrived. */
export class RawPeer {
  readonly received: { readonly at: number; readonly message: SipMessage; readonly text: string }[] = [];
  readonly #transport: Transport;
  readonly #to: { address: string; port: number };
  #answer: ((request: SipRequest) => void) | undefined;

  constructor(clock: VirtualClock, network: MemoryNetwork, address: string, to: string, protocol: Protocol = 'udp') {
    this.#transport = network.transport(address, 5060, protocol);
    this.#to = { address: to, port: 5060 };
    this.#transport.start(({ message: got, bytes }) => {
      // The answer to a broken request copies what was broken.
      const message = got instanceof SipParseError ? got.partial : got;
      if (message === null) throw got as SipParseError;
      this.received.push({ at: clock.mono(), message, text: bytes!.toString() });
      if (message.kind === 'request') this.#answer?.(message);
    });
  }

  /** Answers every request from now on. */
  onRequest(answer: (request: SipRequest) => void): void {
    this.#answer = answer;
  }

  send(text: string | Buffer): void {
    this.#transport.send(Buffer.from(text), this.#to, (error) => {
      throw error;
    });
  }

  /** Statuses received, in order. */
  get statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  get responses(): SipResponse[] {
    return this.received.map(({ message }) => message).filter((message) => message.kind === 'response');
  }

  get requests(): SipRequest[] {
    return this.received.map(({ message }) => message).filter((message) => message.kind === 'request');
  }

  /** When messages that begin so arrived, ms. */
  times(start: string): number[] {
    return this.received.filter(({ text }) => text.startsWith(start)).map(({ at }) => at);
  }
}

export interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly seq?: number;
  readonly via?: string;
  readonly contact?: string | null;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** The text of a request from 10.0.0.1. */
export function requestText(parts: RequestParts = {}): string {
  const method = parts.method ?? 'INVITE';
  const body = parts.body ?? '';
  const contact = parts.contact === undefined ? '<sip:alice@10.0.0.1:5060>' : parts.contact;
  return [
    `${method} ${parts.uri ?? 'sip:rec@10.0.0.2'} SIP/2.0`,
    `Via: ${parts.via ?? `SIP/2.0/UDP 10.0.0.1:5060;branch=${parts.branch ?? 'z9hG4bK-1'}`}`,
    `From: ${parts.from ?? '<sip:alice@10.0.0.1>;tag=a'}`,
    `To: ${parts.to ?? '<sip:rec@10.0.0.2>'}`,
    `Call-ID: ${parts.callId ?? 'call-1'}`,
    `CSeq: ${parts.seq ?? 1} ${method}`,
    ...(contact === null ? [] : [`Contact: ${contact}`]),
    ...(parts.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** The text of a response to a request that was received. */
export function responseText(request: SipRequest, status: number, headers: readonly string[] = [], body = ''): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    request.headers.all(name).map((value) => {
      const tag = name === 'To' && status > 100 && !value.includes('tag=') ? ';tag=b' : '';
      return `${name}: ${value}${tag}`;
    }),
  );
  return [`SIP/2.0 ${status} X`, ...copied, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join(
    '\r\n',
  );
}
