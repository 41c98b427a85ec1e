import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { EarshotError } from './errors.ts';

function folder(yaml?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'earshot-config-'));
  if (yaml !== undefined) writeFileSync(join(path, 'earshot.yaml'), yaml);
  return path;
}

function failure(yaml: string | undefined, env: NodeJS.ProcessEnv = {}): EarshotError {
  try {
    loadConfig(env, folder(yaml));
  } catch (error) {
    if (error instanceof EarshotError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('settings', () => {
  it('has the documented defaults when nothing is set', () => {
    const cwd = folder();
    expect(loadConfig({}, cwd)).toMatchObject({
      dataDir: join(cwd, 'data'),
      role: 'all',
      http: { port: 8080 },
      sip: { port: 5060, advertise: null },
      rtp: { from: 10_000, to: 29_999 },
      databaseUrl: null,
      retentionDays: 90,
      trunks: [{ name: 'default', strict: false }],
      directory: { ldapHosts: [] },
    });
  });

  it('takes the file, and the environment over it', () => {
    const cwd = folder('sip:\n  port: 5080\nhttp:\n  port: 8000\n');
    expect(loadConfig({ EARSHOT_SIP_PORT: '5090' }, cwd)).toMatchObject({ sip: { port: 5090 }, http: { port: 8000 } });
  });

  it.each([
    ['sip:\n  prot: 5080\n', 'sip.prot'],
    ['colour: red\n', 'colour'],
    ['sip:\n  port: many\n', 'sip.port'],
    ['role: boss\n', 'role'],
    ['rtp:\n  ports: 10001-10002\n', 'rtp.ports'],
    ['sip:\n  advertise: recorder.example\n', 'sip.advertise'],
    ['http:\n  certificate: a.pem\n', 'http.key'],
    ['trunks: yes please\n', 'trunks'],
    ['trunks:\n  - name: sbc\n    addresses: [192.0.2.0/99]\n', 'trunks[0].addresses'],
    ['trunks:\n  - name: sbc\n    adress: 192.0.2.1\n', 'trunks[0].adress'],
    ['trunks:\n  - name: sbc\n    digest: { username: a }\n', 'trunks[0].digest'],
    ['trunks:\n  - name: sbc\n    calls: none\n', 'trunks[0].calls'],
    ['trunks:\n  - name: sbc\n    rate: 0\n', 'trunks[0].rate'],
    ['trunks:\n  - name: sbc\n    unwanted: reject\n', 'trunks[0].unwanted'],
    ['trunks:\n  - name: sbc\n    tlsName: sbc.example.com\n', 'trunks[0].tlsName'],
    ['trunks:\n  - name: sbc\n    tls: certificate\n', 'trunks[0].tls'],
    ['trunks:\n  - name: sbc\n    tls: required\nsip:\n  tlsPort: 0\n', 'trunks[0].tls'],
    ['trunks:\n  - name: sbc\n    tlsCa: /nowhere/ca.pem\n', 'trunks[0].tlsCa'],
    ['trunks:\n  - name: sbc\n    srtp: always\n', 'trunks[0].srtp'],
    ['node: ../other\n', 'node'],
    ['http:\n  trustProxy: [proxy.example.com]\n', 'http.trustProxy'],
    ['directory:\n  ldapHosts: [10.0.0.0/99]\n', 'directory.ldapHosts'],
    ['directory:\n  ldapHosts: ["ldap://directory.example.com"]\n', 'directory.ldapHosts'],
    ['http:\n  publicUrl: recorder.example.com\n', 'http.publicUrl'],
    ['limits:\n  rate: 0\n', 'limits.rate'],
    ['limits:\n  memory: 1\n', 'limits.memory'],
  ])('names the key of a wrong setting: %s', (yaml, key) => {
    expect(failure(yaml)).toMatchObject({ code: 'CONFIG_INVALID', key });
  });

  it('names the variable when the environment is wrong', () => {
    expect(failure(undefined, { EARSHOT_HTTP_PORT: '99999' })).toMatchObject({
      code: 'CONFIG_INVALID',
      key: 'EARSHOT_HTTP_PORT',
    });
  });

  it('says which file cannot be read, and why', () => {
    expect(failure('a: [1,\n')).toMatchObject({ code: 'CONFIG_UNREADABLE', message: expect.stringMatching(/\w\.$/) });
    expect(failure(undefined, { EARSHOT_CONFIG: 'nowhere.yaml' }).message).toContain('nowhere.yaml');
  });
});
