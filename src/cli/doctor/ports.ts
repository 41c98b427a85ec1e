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

/** Whether the RTP range carries the calls that the caps allow. */
export function rangeFinding(config: Config): Finding {
  const { from, to } = config.rtp;
  const carries = Math.floor((to - from + 1) / PORTS_OF_A_CALL);
  const text = `${from}–${to} carries ${carries} two-stream calls at once; the cap is ${config.limits.maxCalls}.`;
  if (carries >= config.limits.maxCalls) return ok('rtp range', text);
  return warning('rtp range', text, 'Widen EARSHOT_RTP_PORTS or lower EARSHOT_MAX_CALLS.');
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
