import { readAtRate, samplesAt } from './at-rate.ts';
import { mixToStereo } from './mix.ts';
import { oggPage, oggPageBytes } from './ogg.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { GRANULES, opusHead, opusTags } from './opus-head.ts';
import type { OpusForm } from './opus-worker.ts';
import type { StoredAudio } from './types.ts';

/** Rates that the encoder takes. */
const RATES = [8000, 12_000, 16_000, 24_000, 48_000] as const;
const PACKETS_A_SECOND = 50;
const PACKET_GRANULES = GRANULES / PACKETS_A_SECOND;
/** A second: players find their place page by page. */
const PACKETS_A_PAGE = PACKETS_A_SECOND;
/** By which encoder and decoder are late together: 6.5 ms at every rate. */
const PRE_SKIP = 312;
/** The same for every file, as a recording in this form is the same bytes for ever. */
const SERIAL = 1;
const TAGS = opusTags('Earshot, libopus');

/** An Ogg Opus file that is encoded as it is read. */
export interface OpusFile {
  /** Exact, bytes. */
  readonly size: number;
  readonly mimeType: 'audio/ogg; codecs=opus';
  /** Encodes no faster than it is read; leaving the loop early ends the encoder. */
  bytes(): AsyncGenerator<Uint8Array>;
}

interface FileForm extends OpusForm {
  readonly samples: number;
  readonly packets: number;
  /** Where the recording ends. */
  readonly endGranule: number;
}

/**
 * The recording as Opus for speech, in packets of 20 ms of which those of each second take the same (24 kbit/s stereo at 8 kHz);
 * begins and ends with its first and last sample.
 */
export function opusStream(audio: StoredAudio): OpusFile {
  const form = formOf(audio);
  // No packet is so long that it takes more than a byte in the table of its page.
  const sound = pagesOf(form).reduce(
    (sum, count) => sum + oggPageBytes(Array<number>(count).fill(form.packetBytes)),
    0,
  );
  const size = headPages(form).reduce((sum, page) => sum + page.length, sound);
  return { size, mimeType: 'audio/ogg; codecs=opus', bytes: () => encode(audio, form) };
}

function formOf(audio: StoredAudio): FileForm {
  const rate = RATES.find((one) => one >= audio.sampleRate) ?? 48_000;
  const channels = audio.channels === 1 ? 1 : 2;
  const samples = samplesAt(audio, rate);
  const endGranule = PRE_SKIP + samples * (GRANULES / rate);
  return {
    rate,
    channels,
    samples,
    endGranule,
    packets: Math.ceil(endGranule / PACKET_GRANULES),
    frameSamples: rate / PACKETS_A_SECOND,
    // 12, 20 and 32 kbit/s a channel.
    packetBytes: (rate === 8000 ? 30 : rate <= 16_000 ? 50 : 80) * channels,
  };
}

/** Packets in each page of sound. */
function pagesOf({ packets }: FileForm): number[] {
  return Array.from({ length: Math.ceil(packets / PACKETS_A_PAGE) }, (_, page) =>
    Math.min(PACKETS_A_PAGE, packets - page * PACKETS_A_PAGE),
  );
}

/** Both stand on pages of their own (RFC 7845 section 3). */
function headPages({ channels, rate }: FileForm): Uint8Array[] {
  return [opusHead({ channels, rate, preSkip: PRE_SKIP }), TAGS].map((packet, number) =>
    oggPage({ serial: SERIAL, number, granule: 0, last: false, packets: [packet] }),
  );
}

async function* encode(audio: StoredAudio, form: FileForm): AsyncGenerator<Uint8Array> {
  const { rate, channels, frameSamples, packetBytes } = form;
  const head = headPages(form);
  yield* head;
  const encoder = new OpusEncoder({ rate, channels, frameSamples, packetBytes });
  try {
    const pages = pagesOf(form);
    for (const [page, count] of pages.entries()) {
      const first = page * PACKETS_A_PAGE;
      const pcm = await readAtRate(audio, rate, first * frameSamples, count * frameSamples);
      // Silence behind the end, until the last sample has come out of the encoder.
      const whole = new Int16Array(count * frameSamples * channels);
      whole.set(mixToStereo(pcm, audio.channels));
      const packets = await encoder.encode(whole);
      const last = page === pages.length - 1;
      yield oggPage({
        serial: SERIAL,
        number: head.length + page,
        granule: last ? form.endGranule : (first + count) * PACKET_GRANULES,
        last,
        packets,
      });
    }
  } finally {
    encoder.close();
  }
}
