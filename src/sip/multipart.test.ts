import { describe, expect, it } from 'vitest';
import { parseMultipart, writeMultipart } from './multipart.ts';

const TYPE = 'multipart/mixed;boundary=unique';
const SDP = 'v=0\r\ns=-\r\n';
const XML = '<?xml version="1.0"?>\n<recording/>';

/** Type, disposition and text of each part. */
function read(contentType: string | undefined, body: string): (string | null)[][] {
  return parseMultipart(contentType, Buffer.from(body)).map((part) => [
    part.contentType,
    part.disposition,
    part.body.toString(),
  ]);
}

describe('parseMultipart', () => {
  it('reads the form of RFC 7866, preamble and epilogue dropped', () => {
    const body = `preamble\r\n--unique\r\nContent-Type: application/sdp\r\n\r\n${SDP}\r\n--unique\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session;handling=optional\r\n\r\n${XML}\r\n--unique--\r\nepilogue\r\n--unique\r\n`;
    expect(read(TYPE, body)).toEqual([
      ['application/sdp', null, SDP],
      ['application/rs-metadata+xml', 'recording-session', XML],
    ]);
  });

  it('writes what it reads', () => {
    const parts = [
      { contentType: 'application/sdp', body: SDP },
      { contentType: 'application/rs-metadata+xml', disposition: 'recording-session', body: Buffer.from(XML) },
    ];
    const { contentType, body } = writeMultipart(parts, 'abc123');
    expect(read(contentType, body.toString())).toEqual([
      ['application/sdp', null, SDP],
      ['application/rs-metadata+xml', 'recording-session', XML],
    ]);
  });

  it.each([
    ['no closing boundary', TYPE, `--unique\r\nContent-Type: a/b\r\n\r\n${XML}`],
    ['LF line ends', TYPE, `--unique\nContent-Type: a/b\n\n${XML}\n--unique--`],
    ['no space behind the colon', TYPE, `--unique\r\nContent-Type:a/b\r\n\r\n${XML}\r\n--unique--`],
    ['a compact part header, folded', TYPE, `--unique\r\nc:\r\n a/b\r\n\r\n${XML}\r\n--unique--`],
    [
      'a quoted boundary',
      'multipart/mixed; boundary="un; ique"',
      `--un; ique\r\nContent-Type: a/b\r\n\r\n${XML}\r\n--un; ique--`,
    ],
    ['blanks behind the boundary', TYPE, `--unique \t\r\nContent-Type: a/b\r\n\r\n${XML}\r\n--unique-- \r\n`],
    ['no boundary parameter', 'multipart/mixed', `\r\n--other\r\nContent-Type: a/b\r\n\r\n${XML}\r\n--other--`],
    ['a boundary parameter that does not occur', TYPE, `--other\r\nContent-Type: a/b\r\n\r\n${XML}\r\n--other--`],
    ['no blank line before the body', TYPE, `--unique\r\nContent-Type: a/b\r\n${XML}\r\n--unique--`],
    [
      'a longer boundary inside the part',
      TYPE.replace('unique', 'u'),
      `--u\r\nContent-Type: a/b\r\n\r\n${XML}\r\n--u--`,
    ],
  ])('%s', (_name, type, body) => expect(read(type, body)).toEqual([['a/b', null, XML]]));

  it('a line that only begins like the boundary belongs to the part', () => {
    expect(read(TYPE, '--unique\r\n\r\na\r\n--uniquely\r\nb --unique\r\n--unique--')).toEqual([
      ['', null, 'a\r\n--uniquely\r\nb --unique'],
    ]);
  });

  it('part bytes are exact: line ends, NULs, empty', () => {
    expect(read(TYPE, '--unique\r\n\r\n\r\n\0\r\n\r\n--unique\r\n\r\n\r\n--unique\r\n\r\n--unique--')).toEqual([
      ['', null, '\r\n\0\r\n'],
      ['', null, ''],
      ['', null, ''],
    ]);
  });

  it('takes nested multiparts apart', () => {
    const inner = `--in\r\nContent-Type: application/sdp\r\n\r\n${SDP}\r\n--in\r\nContent-Type: text/plain\r\n\r\nhi\r\n--in--\r\n`;
    const body = `--unique\r\nContent-Type: multipart/alternative;boundary=in\r\n\r\n${inner}\r\n--unique\r\nContent-Type: application/gtd\r\n\r\nGCI,1\r\n--unique--`;
    expect(read(TYPE, body).map(([type]) => type)).toEqual(['application/sdp', 'text/plain', 'application/gtd']);
  });

  it('what is not multipart is one part', () => {
    expect(read('application/sdp', SDP)).toEqual([['application/sdp', null, SDP]]);
    expect(read(undefined, '')).toEqual([['', null, '']]);
    expect(read(TYPE, 'no boundary at all')).toEqual([['multipart/mixed', null, 'no boundary at all']]);
  });

  it('bombs come to an end', () => {
    let nested = 'x';
    for (let depth = 0; depth < 30; depth++) {
      nested = `--b${depth}\r\nContent-Type: multipart/mixed;boundary=b${depth - 1}\r\n\r\n${nested}\r\n--b${depth}--`;
    }
    expect(read('multipart/mixed;boundary=b29', nested)).toHaveLength(1);
    expect(read(TYPE, '--unique\r\n\r\n'.repeat(5000))).toHaveLength(64);
  });
});
