import { describe, expect, it } from 'vitest';
import { DroppedDatagrams } from './dropped-datagrams.ts';

/** The kernel's tables, with one socket a line: port, inode, drops. */
class Tables {
  sockets: [port: number, inode: number, drops: number][] = [];
  whole = 0;
  socketReads = 0;

  read = (path: string): string => {
    if (path === '/proc/net/snmp') return `Udp: InDatagrams RcvbufErrors NoPorts\nUdp: 9 ${this.whole - 1} 8\n`;
    if (path === '/proc/net/snmp6') return 'Udp6InErrors 3\nUdp6RcvbufErrors \t1\n';
    if (path === '/proc/net/udp6') throw new Error('ENOENT');
    this.socketReads += 1;
    const rows = this.sockets.map(([port, inode, drops]) => {
      const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
      return `  12: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 ffff8880 ${drops}`;
    });
    return [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
      ...rows,
      '',
    ].join('\n');
  };
}

describe('datagrams that the kernel threw away', () => {
  it('count when they were for a socket of ours, from our start on', () => {
    const tables = new Tables();
    tables.whole = 100;
    tables.sockets = [
      [10_000, 1, 7],
      [53, 2, 90],
    ];
    let mono = 0;
    const dropped = new DroppedDatagrams(
      (port) => port >= 10_000,
      () => mono,
      tables.read,
    );
    expect(dropped.count()).toBe(0);
    tables.whole = 160;
    tables.sockets = [
      [10_000, 1, 12],
      [53, 2, 140],
      [10_002, 3, 5],
    ];
    expect(dropped.count()).toBe(10);
    mono += 10_000;
    // Another socket on the same port begins anew.
    tables.whole = 164;
    tables.sockets = [[10_000, 9, 4]];
    expect(dropped.count()).toBe(14);
  });

  it('cost no look at the sockets while nothing was dropped at all', () => {
    const tables = new Tables();
    const dropped = new DroppedDatagrams(
      () => true,
      () => 0,
      tables.read,
    );
    const reads = tables.socketReads;
    for (let second = 0; second < 60; second += 1) dropped.count();
    expect(tables.socketReads).toBe(reads);
  });

  it('cost a look at the sockets every ten seconds while more are dropped, and none is missed', () => {
    const tables = new Tables();
    let mono = 0;
    const dropped = new DroppedDatagrams(
      () => true,
      () => mono,
      tables.read,
    );
    const reads = tables.socketReads;
    for (; mono <= 60_000; mono += 1000) {
      tables.whole += 1;
      tables.sockets = [[10_000, 1, tables.whole]];
      dropped.count();
    }
    expect(tables.socketReads - reads).toBe(7);
    expect(dropped.count()).toBe(61);
  });

  it('are not known where the kernel does not tell', () => {
    expect(
      new DroppedDatagrams(
        () => true,
        () => 0,
        () => '',
      ).count(),
    ).toBeNull();
  });
});
