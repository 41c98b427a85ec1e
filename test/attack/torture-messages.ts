import { APPLICATION } from '../../src/sip/rfc4475-application.fixture.ts';
import { INVALID } from '../../src/sip/rfc4475-invalid.fixture.ts';
import { VALID } from '../../src/sip/rfc4475-valid.fixture.ts';

export interface TortureMessage {
  readonly name: string;
  /** With a Via by which the answer finds the way back. */
  readonly bytes: Buffer;
  /** The final status that it must get; null: none at all, as it is a response or nothing to answer to. */
  readonly status: number | null;
}

const FIRST_VIA = /^((?:v|via)\s*:\s*SIP\s*\/\s*2\.0\s*\/\s*\w+\s+[^\s;,]+)/im;

/** What RFC 4475 asks of an endpoint that only takes recording sessions: REGISTER and MESSAGE are known and not taken, others unknown. */
const STATUS: Readonly<Record<string, number | null>> = {
  // Its To has a tag of a dialog that nobody here has.
  wsinv: 481,
  intmeth: 501,
  esc01: 200,
  escnull: 405,
  esc02: 501,
  lwsdisp: 200,
  longreq: 200,
  dblreq: 405,
  semiuri: 200,
  transports: 200,
  mpart01: 405,
  unreason: null,
  noreason: null,
  zeromf: 200,
  unkscm: 416,
  novelsc: 416,
  unksm2: 200,
  // Without Contact, which RFC 2543 did not ask for; a recording session cannot do without.
  inv2543: 400,
  badbranch: 200,
  bext01: 420,
  invut: 415,
  regaut01: 405,
  bcast: null,
  cparam01: 405,
  cparam02: 405,
  regescrt: 405,
  sdp01: 200,
  lwsstart: 200,
  trws: 200,
  escruri: 200,
  baddate: 200,
  badaspec: 200,
  baddn: 200,
};

export const TORTURE: readonly TortureMessage[] = [
  ...Object.entries({ ...VALID, ...APPLICATION }).map(([name, bytes]) => make(name, bytes, STATUS[name] ?? null)),
  ...Object.entries(INVALID).map(([name, { bytes, status, answerable }]) =>
    make(name, bytes, status === null ? (STATUS[name] ?? null) : answerable === true ? status : null),
  ),
];

/**
 * What belongs to the way and not to the message is changed, so that each can be sent to one server: the first Via asks for the answer to go
 * where the message came from (RFC 3581), branch and Call-ID are made unlike those of the others.
 */
function make(name: string, bytes: Buffer, status: number | null): TortureMessage {
  const text = bytes
    .toString('latin1')
    .replace(FIRST_VIA, (via) => (/;\s*rport/.test(bytes.toString('latin1')) ? via : `${via};rport`))
    .replace(/(branch[ \t\r\n]*=[ \t\r\n]*z9hG4bK)(?=[\w-])/i, `$1${name}`)
    .replace(/^((?:i|call-id)[ \t]*:[ \t]*)/im, `$1${name}.`);
  return { name, bytes: Buffer.from(text, 'latin1'), status };
}
