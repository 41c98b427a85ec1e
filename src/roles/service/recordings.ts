import type { AudioSource, RecordingFilter, RecordingSource, TraceEntry } from '../../api/context.ts';
import { decodePeaks, type Peaks } from '../../audio/peaks.ts';
import { openAudio } from '../../audio/stored.ts';
import { EarshotError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { EVERYTHING } from '../../catalogue/reach.ts';
import type { Decision } from '../../policy/types.ts';
import { gather, streamOf } from '../../seal/access.ts';
import { deleteRecording } from '../../upkeep/deletion.ts';
import { openDetail } from '../../vault/manifest.ts';
import { loadManifest, openObject, type Vault } from '../../vault/vault.ts';

const MOST_TRACE_BYTES = 16 * 1024 * 1024;
const MOST_PEAK_BYTES = 4 * 1024 * 1024;

/** Recordings for the API: rows from the catalogue, everything else from the vault. */
export function recordingSource(catalogue: Catalogue, vault: Vault, log: Log): RecordingSource {
  const detail = async (id: string) => openDetail(await loadManifest(vault, id), vault.identities);
  return {
    async list(filter, cursor, limit) {
      const page = await catalogue.listRecordings(catalogueFilter(filter), { cursor: cursor ?? undefined, limit });
      return { items: page.items, next: page.next };
    },
    async get(id) {
      return (await catalogue.getRecording(EVERYTHING, id)) ?? undefined;
    },
    async conversation(whose, conversationId) {
      return (await catalogue.recordingsOfConversation(whose, conversationId)).toReversed();
    },
    async decision(id) {
      return (await detail(id)).decision as unknown as Decision | null;
    },
    async manifest(id) {
      const manifest = await loadManifest(vault, id);
      return { envelope: manifest, sealed: await openDetail(manifest, vault.identities) };
    },
    async trace(id) {
      const { trace } = await loadManifest(vault, id);
      if (trace === null) return [];
      const object = await openObject(vault, trace);
      try {
        return traceEntries((await gather(streamOf(object), MOST_TRACE_BYTES)).toString('utf8'));
      } finally {
        await object.close();
      }
    },
    delete: (accountId, id, actor) =>
      deleteRecording({ vault, catalogue, log }, { accountId, id, actor, reason: 'user' }),
  };
}

function catalogueFilter(filter: RecordingFilter) {
  const { direction, minDurationMs, maxDurationMs, ...rest } = filter;
  return {
    ...rest,
    direction: direction === undefined ? undefined : [direction],
    durationMinMs: minDurationMs,
    durationMaxMs: maxDurationMs,
  };
}

interface NoteLine {
  readonly kind: 'trace' | 'metadata';
  readonly text?: string;
}

/** The SIP messages among a call's notes; each is a line of JSON within a line of JSON. */
function traceEntries(lines: string): TraceEntry[] {
  return lines.split('\n').flatMap((line): TraceEntry[] => {
    if (line === '') return [];
    const note = JSON.parse(line) as NoteLine;
    if (note.kind !== 'trace' || note.text === undefined) return [];
    const { at, direction, transport, local, remote, text } = JSON.parse(note.text) as Omit<TraceEntry, 'at'> & {
      at: number;
    };
    return [{ at: new Date(at), direction, transport, local, remote, text }];
  });
}

/** Audio for the API, unsealed as it is read. */
export function audioSource(vault: Vault): AudioSource {
  return {
    async open(id) {
      const { audio } = await loadManifest(vault, id);
      if (audio === null) throw new EarshotError('OBJECT_MISSING', 'this recording has no audio.');
      const bytes = await openObject(vault, audio);
      try {
        return { bytes, audio: await openAudio(bytes), close: () => bytes.close() };
      } catch (error) {
        await bytes.close();
        throw error;
      }
    },
    peaks: (id) => readPeaks(vault, id),
  };
}

async function readPeaks(vault: Vault, id: string): Promise<Peaks> {
  const { peaks } = await loadManifest(vault, id);
  if (peaks === null) throw new EarshotError('OBJECT_MISSING', 'this recording has no audio.');
  const object = await openObject(vault, peaks);
  try {
    const decoded = decodePeaks(await gather(streamOf(object), MOST_PEAK_BYTES));
    if (decoded === null) throw new EarshotError('SEAL_CORRUPT', 'the peaks of this recording cannot be read.');
    return decoded;
  } finally {
    await object.close();
  }
}
