import { readUcid } from '../ucid.ts';
import { definedIds, leaf, type Vendor } from '../vendor.ts';

/** AudioCodes: ids of the PBX or contact centre behind it, `ac:AvayaUCID` and `ac:GenesysUUID`. */
export const audiocodes: Vendor = {
  name: 'AudioCodes SBC',
  read({ metadata }) {
    const avaya = leaf(metadata, 'AvayaUCID');
    const genesysUuid = leaf(metadata, 'GenesysUUID');
    if (avaya === undefined && genesysUuid === undefined) return undefined;
    const ucid = avaya === undefined ? undefined : (readUcid(avaya) ?? avaya);
    const joinKeys = [
      ucid === undefined ? '' : `ucid=${ucid}`,
      genesysUuid === undefined ? '' : `genesysUuid=${genesysUuid}`,
    ];
    return { ids: definedIds({ ucid, genesysUuid }), joinKeys: joinKeys.filter((key) => key !== '') };
  },
};
