import { CounterModeTransform } from './counter-mode.ts';
import { GcmTransform } from './gcm.ts';
import type { MasterKey } from './keys.ts';
import type { SrtpSuite } from './suites.ts';
import type { SrtpTransform } from './transform.ts';

/** The transform of a suite with the session keys that the master key gives. */
export function protectionBy(suite: SrtpSuite, master: MasterKey): SrtpTransform {
  return suite.aead ? new GcmTransform(suite, master) : new CounterModeTransform(suite, master);
}
