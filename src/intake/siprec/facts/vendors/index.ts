import type { Vendor } from '../vendor.ts';
import { audiocodes } from './audiocodes.ts';
import { avaya } from './avaya.ts';
import { broadworks } from './broadworks.ts';
import { cisco } from './cisco.ts';
import { jambonz } from './jambonz.ts';
import { metaswitch } from './metaswitch.ts';
import { netsapiens } from './netsapiens.ts';
import { opensips } from './opensips.ts';
import { oracle } from './oracle.ts';
import { partyData } from './party-data.ts';
import { sonus } from './sonus.ts';

/** All vendors whose habits are known, those that tell most first. Kamailio with rtpengine and FreeSWITCH have none of their own. */
export const VENDORS: readonly Vendor[] = [
  broadworks,
  oracle,
  sonus,
  metaswitch,
  jambonz,
  netsapiens,
  audiocodes,
  cisco,
  avaya,
  opensips,
  partyData,
];
