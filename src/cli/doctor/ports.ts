import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Config } from '../../base/config.ts';
import { systemCode } from '../../base/errors.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

/** Ports of a two-stream call: RTP and RTCP for each stream. */
const PORTS_OF_A_CALL = 4;

/** Whether the ports of the settings are free; asked only while no server runs on the data folder. */
export async function portFindings(config: Config): Promise<Finding[]> {
  const findings = [await tcp('http', 'EARSHOT_HTTP_PORT', config.http.host, config.http.port)];
  findings.push(await udp('sip udp', 'EARSHOT_SIP_PORT', config.sip.host, config.sip.port));
  findings.push(await tcp('sip tcp', 'EARSHOT_SIP_PORT', config.sip.host, config.sip.port));
  if (config.sip.tlsPort !== null)
    findings.push(await tcp('sip tls', 'EARSHOT_SIP_TLS_PORT', config.sip.host, config.sip.tlsPort));
  findings.push(await udp('rtp', 'EARSHOT_RTP_PORTS', config.rtp.host, config.rtp.from));
  return findings;
}

/**
 * Whether the RTP range carries the calls that the caps allow, at once and a second. Calls that end as fast as others begin leave their ports
 * at rest, so as many more ports are needed as calls begin within that time.
 */
export function rangeFinding({ rtp, limits }: Pick<Config, 'rtp' | 'limits'>): Finding {
  const { from, to, restSeconds } = rtp;
  const { maxCalls, setupsPerSecond } = limits;
  const carries = Math.floor((to - from + 1) / PORTS_OF_A_CALL);
  const atOnce = `${from}–${to} carries ${carries} two-stream calls at once; the cap is ${maxCalls}.`;
  if (carries < maxCalls) return warning('rtp range', atOnce, 'Widen EARSHOT_RTP_PORTS or lower EARSHOT_MAX_CALLS.');
  if (carries >= maxCalls + setupsPerSecond * restSeconds) return ok('rtp range', atOnce);
  const lasting = Math.floor((carries - maxCalls) / restSeconds);
  return warning(
    'rtp range',
    `${atOnce} As a port rests ${restSeconds} s, no more than ${lasting} of so many calls can end and others begin each second; the cap is ${setupsPerSecond}.`,
    'Widen EARSHOT_RTP_PORTS, or lower EARSHOT_RTP_REST or EARSHOT_MAX_RATE.',
  );
}

async function tcp(check: string, key: string, host: string, port: number): Promise<Finding> {
  const server = createServer();
  return verdict(check, key, `${host}:${port}`, (done, failed) => {
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => server.close(() => done()));
  });
}

async function udp(check: string, key: string, host: string, port: number): Promise<Finding> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return verdict(check, key, `${host}:${port}`, (done, failed) => {
    socket.once('error', failed);
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => done()));
  });
}

async function verdict(
  check: string,
  key: string,
  where: string,
  bind: (done: () => void, failed: (error: Error) => void) => void,
): Promise<Finding> {
  try {
    await new Promise<void>(bind);
    return ok(check, `${where} is free.`);
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error';
    const why =
      code === 'EADDRINUSE'
        ? 'is in use by another program'
        : code === 'EACCES'
          ? 'needs more rights'
          : `cannot be used (${code})`;
    return problem(check, `${where} ${why}.`, `End that program or set ${key} to another port.`);
  }
}
