import { generateKeyPairSync } from 'node:crypto';
import { rsaIdentity, rsaRecipient } from '../seal/age/recipients.ts';
import { Ledger } from './ledger.ts';
import type { ManifestDetail, ManifestInput } from './manifest.ts';
import { signerOf, trust } from './signing.ts';
import type { Store } from './store.ts';
import type { Vault } from './vault.ts';

const owner = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The key that the vaults of these tests are sealed to. */
export const testOwnerKey = owner.privateKey;

/** A vault on the given store with keys of its own, for tests. */
export async function testVault(store: Store, ledgerPath: string): Promise<Vault> {
  const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
  const ledger = await Ledger.open(ledgerPath, signer);
  return {
    store,
    recipients: [rsaRecipient(owner.publicKey)],
    identities: [rsaIdentity(owner.privateKey)],
    signer,
    keys: trust(signer),
    ledger,
    certificateExpiresAt: Number.MAX_SAFE_INTEGER,
    close: () => ledger.close(),
  };
}

export function sampleManifest(recordingId: string): ManifestInput {
  return {
    recordingId,
    recordId: 7,
    accountId: 'main',
    nodeId: 'node-1',
    callId: 'c1',
    createdAt: 1_767_225_700_000,
    retainUntil: null,
    container: 'wav',
    codec: 'PCMU',
    channels: 2,
    audio: { key: `objects/2026/01/01/${recordingId}/a1.wav.age`, bytes: 10, sha256: 'a'.repeat(64) },
    peaks: null,
    trace: null,
    packets: null,
  };
}

export function sampleDetail(): ManifestDetail {
  return {
    startedAt: 1_767_225_600_000,
    endedAt: 1_767_225_610_000,
    durationMs: 10_000,
    endReason: 'bye',
    direction: 'IN',
    protocol: 'siprec',
    trunk: 'sbc',
    conversationId: 'c1',
    vendorIds: { 'Call-ID': 'x@example.com' },
    parties: [{ position: 0, name: 'Alice', number: '+15550100', aor: null, role: 'caller', channel: 0 }],
    tracks: [
      {
        channel: 0,
        label: '1',
        codec: 'PCMU',
        packets: 500,
        lost: 0,
        duplicates: 0,
        reordered: 0,
        silentMs: 0,
        detail: null,
      },
    ],
    events: [{ at: 1_767_225_600_000, offsetMs: 0, type: 'metadata', text: 'complete' }],
    warnings: [],
    audioSha256: 'b'.repeat(64),
    gaps: [],
    decision: { verdict: 'record' },
    history: [],
  };
}
