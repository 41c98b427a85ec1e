import { EarshotError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { StreamPorts } from '../../intake/types.ts';
import type { RecordedCall } from './call.ts';
import type { CallStreams } from './streams.ts';

/** How often a call is moved to other ports when some other program has one of its own. */
const OTHER_PORTS = 3;

/** Binds the ports of a call; while another program has one of them, others. @throws EarshotError PORT_IN_USE, PORTS_EXHAUSTED */
export async function onFreePorts(call: RecordedCall, bind: () => Promise<void>, log: Log): Promise<void> {
  for (let left = OTHER_PORTS; ; left--) {
    try {
      await bind();
      return;
    } catch (error) {
      const isTaken = error instanceof EarshotError && error.code === 'PORT_IN_USE';
      // A call that is over has given its ports back.
      if (!isTaken || left === 0 || !isLive(call)) throw error;
      log.warn({ error: error.message }, 'a port of a call is taken by somebody else; trying others');
      call.streams.moveElsewhere();
    }
  }
}

/** Whether a call has ports, or is to have some. */
export function isLive({ phase }: RecordedCall): boolean {
  return phase === 'preparing' || phase === 'running';
}

/** The ports of the streams that have not been removed. */
export function portsOf(streams: CallStreams): StreamPorts[] {
  return streams.journal
    .filter((stream) => stream.state !== 'removed')
    .map(({ index, rtpPort, rtcpPort }) => ({ index, rtpPort, rtcpPort }));
}
