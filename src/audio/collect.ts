import { PayloadTypes } from './codecs.ts';
import { PacketTable } from './packets.ts';
import { batchesOf } from './batches.ts';
import type { Captured, CaptureSource, RenderOptions } from './types.ts';

/** Pass 1: the header facts of every stream that a channel asks for, and how many packets belonged to none. */
export interface Collected {
  readonly tables: ReadonlyMap<number, PacketTable>;
  /** Streams that no channel asks for, with the number of their packets. */
  readonly unplanned: ReadonlyMap<number, number>;
}

export async function collect(source: CaptureSource, options: RenderOptions): Promise<Collected> {
  const tables = new Map<number, PacketTable>();
  const unheard = [...(options.blank ?? []), ...(options.cut ?? [])];
  for (const stream of options.channels.flatMap((plan) => plan.streams)) {
    tables.set(stream, new PacketTable(stream, new PayloadTypes(stream, options.codecs), unheard));
  }
  const unplanned = new Map<number, number>();
  const add = (packet: Captured): void => {
    const table = tables.get(packet.stream);
    if (table === undefined) unplanned.set(packet.stream, (unplanned.get(packet.stream) ?? 0) + 1);
    else addTo(table, packet);
  };
  for await (const batch of batchesOf(source)) for (const packet of batch) add(packet);
  return { tables, unplanned };
}

function addTo(table: PacketTable, packet: Captured): void {
  if (packet.kind === 'rtp') table.addRtp(packet);
  else if (packet.kind === 'event') table.addEvent(packet);
  else table.addReport(packet);
}
