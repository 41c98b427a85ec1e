import { BroadcastChannel } from 'node:worker_threads';
import { systemFiles, type LogFiles } from '../../src/recording/log/files.ts';

/** What the disk of a capture thread shall do from now on; told over {@link FAULTS}. */
export interface Order {
  /** Fails with this code: writes, or fdatasyncs. */
  readonly fail?: { readonly call: 'writev' | 'datasync'; readonly code: string };
  /** Nothing is answered for so long. */
  readonly stallMs?: number;
}

export const FAULTS = 'earshot-faults';

let order: Order = {};
let stalledUntil = 0;

const channel = new BroadcastChannel(FAULTS);
channel.onmessage = (message) => {
  order = (message as { data: Order }).data;
  stalledUntil = performance.now() + (order.stallMs ?? 0);
};
channel.unref();

async function meet(call: 'create' | 'writev' | 'datasync'): Promise<void> {
  const wait = stalledUntil - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  if (order.fail?.call === call) throw Object.assign(new Error(order.fail.code), { code: order.fail.code });
}

/** The machine's disk, with the faults that were ordered. */
export const files: LogFiles = {
  ...systemFiles,
  async create(path) {
    await meet('create');
    const file = await systemFiles.create(path);
    return {
      ...file,
      async writev(buffers, position) {
        await meet('writev');
        return file.writev(buffers, position);
      },
      async datasync() {
        await meet('datasync');
        await file.datasync();
      },
    };
  },
};
