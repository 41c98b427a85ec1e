/** A capture (pcap, Ethernet, IPv4, UDP) of one RTP stream of µ-law, 20 ms a packet, as sipp's `play_pcap_audio` wants it. */
export function captureFile(payload: Buffer): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  // LINKTYPE_ETHERNET
  header.writeUInt32LE(1, 20);
  const packets = Array.from({ length: payload.length / 160 }, (_, index) =>
    captured(index, frame(rtp(index, payload.subarray(index * 160, (index + 1) * 160)))),
  );
  return Buffer.concat([header, ...packets]);
}

function captured(index: number, bytes: Buffer): Buffer {
  const record = Buffer.alloc(16);
  const ms = index * 20;
  record.writeUInt32LE(Math.floor(ms / 1000), 0);
  record.writeUInt32LE((ms % 1000) * 1000, 4);
  record.writeUInt32LE(bytes.length, 8);
  record.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([record, bytes]);
}

function frame(packet: Buffer): Buffer {
  const ethernet = Buffer.alloc(14);
  ethernet.writeUInt16BE(0x0800, 12);
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + packet.length, 2);
  ip[8] = 64;
  ip[9] = 17;
  ip.set([127, 0, 0, 1], 12);
  ip.set([127, 0, 0, 1], 16);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(6000, 0);
  udp.writeUInt16BE(6002, 2);
  udp.writeUInt16BE(8 + packet.length, 4);
  return Buffer.concat([ethernet, ip, udp, packet]);
}

function rtp(index: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header.writeUInt16BE(index + 1, 2);
  header.writeUInt32BE(index * 160, 4);
  header.writeUInt32BE(0x5ec0de, 8);
  return Buffer.concat([header, payload]);
}
