import { canonicalJson } from './canonical.ts';
import type { LedgerHead } from './ledger.ts';
import { FIRST, type LedgerEntry, parseEntry, readLines } from './ledger-entry.ts';
import { manifestKey } from './manifest.ts';
import { isSigned, sha256, type TrustedKeys } from './signing.ts';
import type { Store } from './store.ts';
import { tombstoneKey } from './tombstone.ts';

/** Something that is not as it was written. */
export interface Finding {
  readonly code:
    | 'line-unreadable'
    | 'signature-wrong'
    | 'chain-broken'
    | 'sequence-broken'
    | 'rolled-back'
    | 'manifest-missing'
    | 'manifest-changed'
    | 'manifest-unlisted'
    | 'tombstone-missing';
  /** Sequence of the entry, 0 = none. */
  readonly sequence: number;
  readonly text: string;
}

export interface LedgerReport {
  readonly entries: number;
  readonly head: LedgerHead;
  readonly findings: readonly Finding[];
}

export interface LedgerCheck {
  readonly keys: TrustedKeys;
  /** A head that was noted elsewhere, earlier: entries that were there then must be there now. */
  readonly anchor?: LedgerHead;
  /** Also compare with the manifests and tombstones in the store. `unlisted` looks for manifests that no entry names; give false where several nodes share the store. */
  readonly store?: Store;
  readonly unlisted?: boolean;
}

/** Reads a ledger from its first line and reports removal, change, reorder, insertion and roll-back. Changes nothing. */
export async function verifyLedger(path: string, check: LedgerCheck): Promise<LedgerReport> {
  const findings: Finding[] = [];
  const state = new Map<string, LedgerEntry>();
  let head: LedgerHead = FIRST;
  let entries = 0;
  let anchored = check.anchor === undefined || check.anchor.sequence === 0;
  for await (const { line, whole } of readLines(path)) {
    const entry = parseEntry(line);
    if (entry === null) {
      // A torn last line was never promised; the next start of the service cuts it off.
      if (whole)
        findings.push({
          code: 'line-unreadable',
          sequence: head.sequence + 1,
          text: `line ${entries + 1} is not an entry`,
        });
      continue;
    }
    entries += 1;
    findings.push(...checkEntry(entry, head, check.keys));
    head = { sequence: entry.sequence, hash: sha256(Buffer.from(line)) };
    anchored ||= check.anchor?.sequence === head.sequence && check.anchor.hash === head.hash;
    state.set(entry.recordingId, entry);
  }
  if (!anchored) {
    const text = `the entry ${check.anchor?.sequence ?? 0} that was noted earlier is not there`;
    findings.push({ code: 'rolled-back', sequence: check.anchor?.sequence ?? 0, text });
  }
  if (check.store !== undefined) findings.push(...(await compare(state, check.store, check.unlisted ?? true)));
  return { entries, head, findings };
}

function checkEntry(entry: LedgerEntry, head: LedgerHead, keys: TrustedKeys): Finding[] {
  const findings: Finding[] = [];
  const { sequence } = entry;
  const { signature, ...body } = entry;
  const key = keys.get(entry.signer);
  if (key === undefined || !isSigned(key, Buffer.from(canonicalJson(body)), signature)) {
    findings.push({ code: 'signature-wrong', sequence, text: `entry ${sequence} does not bear a known signature` });
  }
  if (entry.previous !== head.hash) {
    findings.push({ code: 'chain-broken', sequence, text: `entry ${sequence} does not follow the one before it` });
  }
  if (sequence !== head.sequence + 1) {
    const text = `entry ${sequence} stands after entry ${head.sequence}`;
    findings.push({ code: 'sequence-broken', sequence, text });
  }
  return findings;
}

async function compare(state: ReadonlyMap<string, LedgerEntry>, store: Store, unlisted: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { kind, recordingId, sha256: expected, sequence } of state.values()) {
    const key = kind === 'kept' ? manifestKey(recordingId) : tombstoneKey(recordingId);
    // A deletion under way: the tombstone stands, its entry comes next.
    if (kind === 'kept' && (await store.exists(tombstoneKey(recordingId)))) continue;
    if (!(await store.exists(key))) {
      const code = kind === 'kept' ? 'manifest-missing' : 'tombstone-missing';
      findings.push({ code, sequence, text: `${key} is missing` });
    } else if (sha256(await store.get(key)) !== expected) {
      findings.push({ code: 'manifest-changed', sequence, text: `${key} is not what was written` });
    }
  }
  if (!unlisted) return findings;
  for await (const { key } of store.list('manifests/')) {
    const id = key.slice('manifests/'.length, -'.json'.length);
    if (!state.has(id)) findings.push({ code: 'manifest-unlisted', sequence: 0, text: `${key} is in no entry` });
  }
  return findings;
}
