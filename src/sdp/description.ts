/** A session description (RFC 8866) as plain data. Texts are as on the wire, without the line's letter. */
export interface SessionDescription {
  /** `v=`. */
  readonly version: string;
  /** `o=`; null when it is missing or unreadable. */
  readonly origin: Origin | null;
  /** `s=`. */
  readonly name: string;
  /** `c=` of the session. */
  readonly connection: Connection | null;
  /** `t=` lines; `0 0` is written when there is none. */
  readonly times: readonly string[];
  /** `a=` of the session. */
  readonly attributes: readonly Attribute[];
  /** Every other line of the session part in its order: i u e p b r z k and unknown letters. */
  readonly other: readonly Line[];
  readonly media: readonly MediaDescription[];
  /** What the reader had to put up with, one short text each. Not written. */
  readonly warnings: readonly string[];
}

export interface Line {
  /** One letter. */
  readonly type: string;
  readonly value: string;
}

/** `o=username id version IN IP4 address`. Id and version may pass 64 bits, so they are texts. */
export interface Origin {
  readonly username: string;
  readonly id: string;
  readonly version: string;
  readonly family: 4 | 6;
  readonly address: string;
}

export interface Connection {
  readonly family: 4 | 6;
  /** Address or name without TTL and count. */
  readonly address: string;
}

/** `a=name` or `a=name:value`. */
export interface Attribute {
  readonly name: string;
  readonly value: string | null;
}

export interface MediaDescription {
  /** `audio`, `video` …, lower case. */
  readonly kind: string;
  /** 0: the stream is refused or removed. */
  readonly port: number;
  /** Number of ports; 1 when not written. */
  readonly portCount: number;
  /** `RTP/AVP`, upper case. */
  readonly profile: string;
  /** Payload types of RTP, as texts. */
  readonly formats: readonly string[];
  /** First `c=` of this part. */
  readonly connection: Connection | null;
  readonly attributes: readonly Attribute[];
  /** Every other line of this part. */
  readonly other: readonly Line[];
}

/** First attribute of that name: its value, `''` when it has none, undefined when it is absent. */
export function attribute(holder: { readonly attributes: readonly Attribute[] }, name: string): string | undefined {
  const found = holder.attributes.find((one) => one.name === name);
  return found === undefined ? undefined : (found.value ?? '');
}

/** Values of all attributes of that name. */
export function attributes(holder: { readonly attributes: readonly Attribute[] }, name: string): string[] {
  return holder.attributes.filter((one) => one.name === name).map((one) => one.value ?? '');
}
