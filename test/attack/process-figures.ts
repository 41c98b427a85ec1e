import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { TestServer } from '../e2e/server.ts';

export interface ProcessFigures {
  /** Resident memory, MB. */
  readonly resident: number;
  /** Open sockets of any kind. */
  readonly sockets: number;
}

/** What the recorder's process takes of the machine, as the kernel tells. */
export function recorderProcess(server: TestServer): ProcessFigures {
  const pid = server.pidOf('recorder');
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return { resident: (pages * 4096) / 2 ** 20, sockets: links.filter((link) => link.startsWith('socket:')).length };
}

/** The recorder's own figures, as the status page has them. */
export async function recorderFigures(server: TestServer): Promise<Record<string, number>> {
  const { recorder } = await server.api<{ recorder: { figures: Record<string, number> } }>('GET', '/status');
  return recorder.figures;
}
