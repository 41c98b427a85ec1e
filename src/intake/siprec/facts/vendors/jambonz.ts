import { readAddress } from '../address.ts';
import { rolesByNumber } from '../roles.ts';
import { definedIds, leaf, type Vendor } from '../vendor.ts';

/** jambonz: its own ids of call and recording, the direction as the platform sees it, calling and called number. */
export const jambonz: Vendor = {
  name: 'jambonz',
  read({ metadata }) {
    const callSid = leaf(metadata, 'callsid');
    const [calling, called] = [leaf(metadata, 'callingnumber'), leaf(metadata, 'callednumber')];
    if (metadata === undefined || (callSid === undefined && calling === undefined && called === undefined))
      return undefined;
    const accountSid = leaf(metadata, 'accountsid');
    const direction = leaf(metadata, 'direction')?.toLowerCase();
    return {
      ...(direction === 'inbound' ? { direction: 'IN' } : direction === 'outbound' ? { direction: 'OUT' } : {}),
      ids: definedIds({
        callSid,
        recordingId: leaf(metadata, 'recordingid'),
        accountSid,
        applicationSid: leaf(metadata, 'applicationsid'),
        carrier: leaf(metadata, 'carrier'),
      }),
      ...(accountSid === undefined ? {} : { tenants: [accountSid] }),
      joinKeys: callSid === undefined ? [] : [`callSid=${callSid}`],
      parties: rolesByNumber(metadata, {
        calling: calling === undefined ? undefined : readAddress(calling),
        called: called === undefined ? undefined : readAddress(called),
      }),
    };
  },
};
