import { readAddress } from '../address.ts';
import { readGuid } from '../ucid.ts';
import { definedIds, type Vendor, type VendorWord } from '../vendor.ts';

const PARTICIPANT = 'X-Cisco-Recording-Participant';

/**
 * Cisco CUBE: the GUID of the call stands in `Cisco-Guid` (decimal) and in the `GCI` line of an ISDN part (hexadecimal). The
 * network-based form has no XML; each participant is a header with the positions of its m-lines.
 */
export const cisco: Vendor = {
  name: 'Cisco CUBE',
  read({ headers, attachments }) {
    const gci = attachments
      .filter((one) => one.type === 'application/gtd')
      .map((one) => /^GCI,([0-9a-f-]{32,36})\s*$/im.exec(one.text)?.[1]);
    const guid = [headers.get('Cisco-Guid'), ...gci].flatMap((text) => readGuid(text ?? '') ?? [])[0];
    const participants = headers.lines(PARTICIPANT);
    if (guid === undefined && participants.length === 0) return undefined;
    return {
      ids: definedIds({ guid }),
      joinKeys: guid === undefined ? [] : [`guid=${guid}`],
      ...(participants.length === 0 ? {} : { outside: participants.slice(0, 16).map(readParticipant) }),
    };
  },
};

/** `sip:1001@192.0.2.1;media-index="0"`, the index sometimes a list, the address sometimes in brackets. */
function readParticipant(line: string): NonNullable<VendorWord['outside']>[number] {
  const indexes = /;\s*media-index\s*=\s*"?([\d\s,]*)"?/i.exec(line)?.[1] ?? '';
  const streams = [...indexes.matchAll(/\d{1,3}/g)].map((match) => Number(match[0]));
  return { address: readAddress(line.replace(/;\s*media-index\s*=\s*("[^"]*"|[^;]*)/i, '')), streams };
}
