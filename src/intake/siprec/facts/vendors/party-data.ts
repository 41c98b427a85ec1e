import { lastName, participantOf, type PartyWord, type Vendor } from '../vendor.ts';

/** Names of leaves within a participant's own extension data, in lower case, and what they tell. */
const LEAVES: Readonly<Record<string, 'user' | 'device' | 'agent'>> = {
  userid: 'user',
  username: 'user',
  device: 'device',
  deviceid: 'device',
  devicename: 'device',
  mac: 'device',
  agent: 'agent',
  agentid: 'agent',
};

/** Not of one vendor: a participant's extension data that name its user, device or agent in plain words (D8). */
export const partyData: Vendor = {
  name: 'party data',
  read({ metadata }) {
    if (metadata === undefined) return undefined;
    const parties = new Map<number, PartyWord>();
    for (const value of metadata.extensions) {
      const tells = LEAVES[lastName(value.path)];
      const index = participantOf(metadata, value);
      if (tells === undefined || index === -1 || value.value === '') continue;
      parties.set(index, { [tells]: value.value, ...parties.get(index) });
    }
    return parties.size === 0 ? undefined : { parties };
  },
};
