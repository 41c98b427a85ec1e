import { Type, type Static } from 'typebox';
import { component, Cursor, Id, Limit, named, nullable, pageOf, Time } from '../schema.ts';

export const Direction = Type.Enum(['IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN'], {
  description: 'Seen from the account that owns the call.',
});

const Party = component(
  'Party',
  Type.Object({
    position: Type.Integer({ description: 'Order within the recording; 0 is the left channel.' }),
    name: nullable(Type.String()),
    number: nullable(Type.String({ description: 'As signalled.' })),
    aor: nullable(Type.String({ description: 'Address of record as signalled, e.g. sip:1001@pbx.example' })),
    role: Type.Enum(['caller', 'callee', 'unknown']),
    channel: nullable(Type.Integer({ description: 'Channel of the audio on which it speaks.' })),
    userId: nullable(Type.String({ description: 'User of the directory.' })),
    userName: nullable(Type.String({ description: 'His name at the time of the call.' })),
  }),
);

/** Whose a call or recording is. */
export const CallOwner = component(
  'CallOwner',
  Type.Object({
    kind: nullable(Type.Enum(['user', 'catch-all', 'unassigned', 'discard'])),
    userId: nullable(Type.String()),
    name: nullable(Type.String({ description: 'At the time of the call.' })),
    groupId: nullable(Type.String({ description: 'Recording group at the time of the call.' })),
  }),
);

const RecordingPause = component(
  'RecordingPause',
  Type.Object(
    {
      offsetMs: Type.Integer({ description: 'Since the start of the audio.' }),
      lengthMs: Type.Integer(),
      mode: Type.Enum(['cut', 'silence'], { description: 'cut: taken out of the audio; silence: silent for so long.' }),
      reason: Type.String(),
      asker: Type.String({ description: 'Name of who paused.' }),
    },
    { description: 'A stretch that is not in the audio.' },
  ),
);

const summary = {
  id: Id,
  recordId: Type.Integer({ description: 'Sequential number.' }),
  callId: Type.String(),
  conversationId: Type.String({ description: 'The same for all calls of one conversation.' }),
  accountId: Type.String(),
  direction: Direction,
  startedAt: Time,
  endedAt: Time,
  durationMs: Type.Integer({ description: 'Length of the audio.' }),
  protocol: Type.String(),
  trunk: Type.String(),
  endReason: Type.String(),
  codec: Type.String({ description: 'As recorded, e.g. PCMU or PCMA+PCMU.' }),
  channels: Type.Integer(),
  container: Type.Enum(['wav', 'flac', 'none']),
  bytes: Type.Integer({ description: 'Size of the sealed object.' }),
  playable: Type.Boolean({ description: 'False when no audio arrived.' }),
  retainUntil: nullable(Time),
  warnings: Type.Array(Type.String()),
  parties: Type.Array(named(Party)),
  recording: Type.Integer({ description: 'Number within the call, from 1.' }),
  by: Type.Enum(['policy', 'hand', 'flow', 'live-keep'], { description: 'What asked for it.' }),
  asker: nullable(Type.String({ description: 'Name of who asked for it.' })),
  askerUserId: nullable(Type.String({ description: 'User of the directory, where he is one.' })),
  owner: named(CallOwner),
  pauses: Type.Array(named(RecordingPause)),
  deliveries: Type.Array(Type.String(), { description: 'Ids of what shall be done with it afterwards.' }),
};

export const RecordingSummary = component('RecordingSummary', Type.Object(summary));
export type RecordingSummary = Static<typeof RecordingSummary>;

export const RecordingPage = pageOf('RecordingPage', RecordingSummary);

const Track = component(
  'Track',
  Type.Object({
    channel: Type.Integer(),
    label: Type.String(),
    codec: Type.String(),
    packets: Type.Integer(),
    lost: Type.Integer(),
    duplicates: Type.Integer(),
    reordered: Type.Integer(),
    silentMs: Type.Integer({ description: 'Milliseconds in which nothing arrived.' }),
    detail: Type.Unknown({ description: 'Gaps, corrections and sources, as in the manifest.' }),
  }),
);

const RecordingEvent = component(
  'RecordingEvent',
  Type.Object({
    at: Time,
    offsetMs: Type.Integer({ description: 'Since the start of the audio; negative: before it.' }),
    type: Type.String(),
    text: Type.String(),
  }),
);

const Decision = component(
  'Decision',
  Type.Object(
    {
      verdict: Type.Enum(['record', 'offer', 'ignore', 'forbid', 'hold']),
      settingsVersion: Type.Integer(),
      layers: Type.Array(
        Type.Object({
          layer: Type.String(),
          says: Type.Enum(['record', 'offer', 'ignore', 'forbid', 'hold', 'nothing']),
          why: Type.String(),
        }),
      ),
    },
    { description: 'Why it was recorded: what each layer of the policy said.' },
  ),
);

const Integrity = component(
  'Integrity',
  Type.Object({
    nodeId: Type.String(),
    manifestKey: Type.String(),
    manifestSha256: Type.String(),
    objectKey: nullable(Type.String()),
    objectBytes: Type.Integer(),
  }),
);

export const RecordingDetail = component(
  'RecordingDetail',
  Type.Object({
    ...summary,
    tracks: Type.Array(named(Track)),
    events: Type.Array(named(RecordingEvent)),
    decision: nullable(named(Decision)),
    vendorIds: Type.Record(Type.String(), Type.String(), { description: 'Ids of the call at its vendor, by name.' }),
    related: Type.Array(named(RecordingSummary), { description: 'Other recordings of the same conversation.' }),
    integrity: named(Integrity),
    abilities: Type.Object(
      { play: Type.Boolean(), download: Type.Boolean(), delete: Type.Boolean(), trace: Type.Boolean() },
      { description: 'What you may do with it.' },
    ),
  }),
);
export type RecordingDetail = Static<typeof RecordingDetail>;

export const RecordingQuery = Type.Object(
  {
    from: Type.Optional({ ...Time, description: 'Started at this time or later.' }),
    to: Type.Optional({ ...Time, description: 'Started before this time.' }),
    direction: Type.Optional(Direction),
    party: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Part of the name or number of a party.' }),
    ),
    number: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: '^[+*#0-9A-Za-z ()/.-]+$',
        description: 'Part of a number.',
      }),
    ),
    q: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Text in names, numbers and call ids.' }),
    ),
    minDuration: Type.Optional(Type.Integer({ minimum: 0, maximum: 864_000, description: 'Seconds.' })),
    maxDuration: Type.Optional(Type.Integer({ minimum: 0, maximum: 864_000, description: 'Seconds.' })),
    conversation: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A `conversationId`.' })),
    call: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'A `callId`: all recordings of one.' }),
    ),
    unassigned: Type.Optional(Type.Boolean({ description: 'true: only those of which nobody is known as the owner.' })),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
export type RecordingQuery = Static<typeof RecordingQuery>;

export const AudioQuery = Type.Object(
  {
    format: Type.Optional(
      Type.Enum(['wav', 'original', 'mp3', 'opus', 'ul'], {
        default: 'wav',
        description:
          'wav: 16-bit PCM for players; original: the stored container, bit for bit; mp3; opus: Ogg Opus for speech; ' +
          'ul: raw 8 kHz mono µ-law. ' +
          'Ranges work for wav, original and ul.',
      }),
    ),
    download: Type.Optional(Type.Enum(['0', '1'], { description: '1: as an attachment with a file name.' })),
  },
  { additionalProperties: false },
);
export type AudioFormat = NonNullable<Static<typeof AudioQuery>['format']>;

export const PeaksQuery = Type.Object(
  {
    width: Type.Optional(
      Type.Integer({ minimum: 16, maximum: 4000, default: 1000, description: 'Pairs of values a channel.' }),
    ),
  },
  { additionalProperties: false },
);

export const Peaks = component(
  'Peaks',
  Type.Object({
    durationMs: Type.Integer(),
    channels: Type.Array(
      Type.Array(Type.Number(), { description: 'Lowest and highest sample of each stretch, in turn, from -1 to 1.' }),
    ),
  }),
);
export type Peaks = Static<typeof Peaks>;

const TraceMessage = component(
  'TraceMessage',
  Type.Object({
    at: Time,
    direction: Type.Enum(['in', 'out']),
    transport: Type.String({ description: 'udp, tcp or tls.' }),
    local: nullable(Type.String()),
    remote: Type.String(),
    summary: Type.String({ description: 'First line, e.g. INVITE sip:srs@192.0.2.1 or 200 OK.' }),
    text: Type.String({ description: 'The whole message, secrets masked.' }),
  }),
);

export const Trace = component('Trace', Type.Object({ messages: Type.Array(named(TraceMessage)) }));
export type Trace = Static<typeof Trace>;

export const Manifest = component(
  'Manifest',
  Type.Object({
    envelope: Type.Unknown({ description: 'The clear part: ids, sizes, hashes, times of keeping.' }),
    sealed: Type.Unknown({ description: 'The opened sealed part: names, numbers, decision, events, gaps, losses.' }),
  }),
);
export type Manifest = Static<typeof Manifest>;

export const recordingComponents = [
  Party,
  RecordingPause,
  RecordingSummary,
  RecordingPage,
  Track,
  RecordingEvent,
  Decision,
  Integrity,
  RecordingDetail,
  Peaks,
  TraceMessage,
  Trace,
  Manifest,
];
