import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EarshotError } from '../../base/errors.ts';
import { phoneAnswer } from './answer.ts';
import { formOf, isOpenPhoneRequest, readPhoneRequest } from './request.ts';

const MAC = '0004132cd0c5';

describe('the address that a phone asks', () => {
  it.each([
    [
      `/mobydickcmd/provisioning/snom/snom-record.php?mac=0004132CD0C5&sipcallid=3c26700c@192.0.2.5`,
      '3c26700c@192.0.2.5',
    ],
    [`/provisioning/0004132cd0c5/pui/monitor/record?callid=3c26700c@192.0.2.5`, '3c26700c@192.0.2.5'],
    [`/phone/yealink/record?mac=00:04:13:2c:d0:c5&call_id=0_1234@192.0.2.5`, '0_1234@192.0.2.5'],
    [`/phone/record?MAC=00-04-13-2c-d0-c5&CallId=a%2Bb%40c`, 'a+b@c'],
    [`/phone/record?mac=${MAC}&callid=a+b/c=d%zz`, 'a+b/c=d%zz'],
    [`/phone/record?mac=${MAC}`, null],
    [`/phone/record?mac=${MAC}&callid=$call-id`, null],
  ])('%s is understood', (url, callId) => {
    expect(readPhoneRequest(url)).toEqual({ mac: MAC, callId, action: 'toggle', token: null });
  });

  it('names action and token', () => {
    const read = readPhoneRequest(`/phone/record?mac=${MAC}&action=PAUSE&token=ear_x`);
    expect(read).toMatchObject({ action: 'pause', token: 'ear_x' });
  });

  it.each([
    ['/phone/record?callid=1', 'mac'],
    ['/phone/record?mac=', 'mac'],
    ['/phone/record?mac=0004132cd0', 'mac'],
    ['/provisioning/nonsense/pui/monitor/record', 'mac'],
    [`/phone/record?mac=${MAC}&action=explode`, 'action'],
  ])('%s is refused by naming %s', (url, key) => {
    expect(() => readPhoneRequest(url)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', key }));
  });

  it('is read or refused, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (query, path) => {
        try {
          const read = readPhoneRequest(`/provisioning/${path}/pui?${query}&mac=${MAC}`);
          expect(read.mac).toMatch(/^[0-9a-f]{12}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(EarshotError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('may come by plain HTTP unless it holds a token', () => {
    expect(isOpenPhoneRequest(`/phone/record?mac=${MAC}`)).toBe(true);
    expect(isOpenPhoneRequest(`/provisioning/${MAC}/pui/monitor/record?callid=1`)).toBe(true);
    expect(isOpenPhoneRequest(`/phone/record?mac=${MAC}&Token=x`)).toBe(false);
    expect(isOpenPhoneRequest(`/phone/record?token`)).toBe(false);
    expect(isOpenPhoneRequest(`/api/v1/recordings?/phone/record`)).toBe(false);
    expect(isOpenPhoneRequest(`/phone/record/../../api/v1/recordings`)).toBe(false);
  });
});

describe('the answer to a phone', () => {
  it('has the form of its maker', () => {
    expect(formOf(null, 'Mozilla/4.0 (compatible; snomD725-SIP 10.1.175.16)')).toBe('snom');
    expect(formOf(null, 'Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:01')).toBe('yealink');
    expect(formOf(null, undefined)).toBe('text');
    expect(formOf('snom', 'curl/8')).toBe('snom');
  });

  it('is shown by Snom and Yealink whatever happened, and tells others the status', () => {
    expect(phoneAnswer('snom', 409, 'No.')).toMatchObject({
      status: 200,
      body: expect.stringContaining('<Text>No.</Text>'),
    });
    expect(phoneAnswer('yealink', 200, 'Yes.').body).toContain('<YealinkIPPhoneTextScreen');
    expect(phoneAnswer('text', 409, 'No.')).toEqual({ status: 409, type: 'text/plain; charset=utf-8', body: 'No.\n' });
  });

  it('is XML whatever the text holds', () => {
    const body = phoneAnswer('snom', 200, `<b>&"\u0000\ud800`).body;
    expect(body).toContain('<Text>&#60;b&#62;&#38;&#34; \ufffd</Text>');
  });
});
