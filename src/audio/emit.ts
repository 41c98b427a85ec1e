import { batchesOf } from './batches.ts';
import { Canvas, type Plane } from './canvas.ts';
import { Painter } from './draw.ts';
import { isDecodable, type RenderPlan } from './plan.ts';
import { BLOCK, type StreamLayout } from './stream-layout.ts';
import type { Captured, CaptureSource } from './types.ts';

/** The source gave other packets than the first time: what was planned does not fit them, but a new plan would. */
export class OtherPackets extends Error {}

/** Samples to a piece that is handed on: with two channels of G.711 a chunk of an age file. */
export const PIECE = 32_768;

/** Pass 2: draws the packets where the plan says and hands on the recording in pieces of {@link PIECE}, by channel; each is good until the next is asked for. */
export async function* emit(source: CaptureSource, plan: RenderPlan): AsyncGenerator<Plane[]> {
  const canvas = new Canvas({ ...plan, samples: plan.span });
  try {
    yield* emitOn(canvas, source, plan);
  } finally {
    canvas.close();
  }
}

async function* emitOn(canvas: Canvas, source: CaptureSource, plan: RenderPlan): AsyncGenerator<Plane[]> {
  const painter = new Painter(canvas, plan);
  const cursors = new Map([...plan.layouts].map(([stream, layout]) => [stream, new Cursor(layout)]));
  const draw = (packet: Captured): boolean => {
    const cursor = cursors.get(packet.stream);
    if (cursor === undefined || !cursor.next(packet)) return false;
    if (packet.kind === 'rtp') {
      const { start, codec, edit } = cursor;
      if (codec !== undefined && isDecodable(codec.coding) && !Number.isNaN(start)) {
        painter.paint(codec, packet, start, edit, plan.targets.get(packet.stream)!);
      }
    }
    return cursor.atBlock && frontier(cursors.values()) - canvas.base >= PIECE;
  };
  for await (const batch of batchesOf(source)) {
    for (const packet of batch) if (draw(packet)) yield* pieces(canvas, plan, frontier(cursors.values()), false);
  }
  for (const cursor of cursors.values()) cursor.finish();
  yield* pieces(canvas, plan, Infinity, true);
}

/** The sample before which nothing will be drawn any more. */
function frontier(cursors: Iterable<Cursor>): number {
  let least = Infinity;
  for (const cursor of cursors) least = Math.min(least, cursor.earliest);
  return least;
}

function* pieces(canvas: Canvas, plan: RenderPlan, frontierAt: number, rest: boolean): Generator<Plane[]> {
  const end = Math.min(plan.from + plan.span, frontierAt);
  while (end - canvas.base >= (rest ? 1 : PIECE)) {
    const edge = nextEdge(plan, canvas.base);
    const count = Math.min(PIECE, end - canvas.base, edge.at - canvas.base);
    if (edge.isEnd) {
      canvas.take(count);
      continue;
    }
    for (let i = 0; i < plan.blank.length; i += 2) canvas.erase(plan.blank[i]!, plan.blank[i + 1]!, count);
    yield canvas.take(count);
  }
}

/** Where the next cut begins or, within one, ends. */
function nextEdge({ cuts }: RenderPlan, base: number): { readonly at: number; readonly isEnd: boolean } {
  for (let i = 0; i < cuts.length; i++) if (cuts[i]! > base) return { at: cuts[i]!, isEnd: i % 2 === 1 };
  return { at: Infinity, isEnd: false };
}

/** Follows one stream's rows through the second pass. */
class Cursor {
  readonly #layout: StreamLayout;
  #row = -1;

  constructor(layout: StreamLayout) {
    this.#layout = layout;
  }

  /** Steps on to the packet's row; false = it has none. @throws OtherPackets when the source gives other packets than before. */
  next(packet: Captured): boolean {
    if (
      packet.kind === 'sr' ||
      (packet.kind === 'event' && (packet.ssrc === undefined || packet.sequence === undefined))
    ) {
      return false;
    }
    const row = ++this.#row;
    const { table } = this.#layout;
    if (row >= table.count || table.sequence[row] !== packet.sequence) {
      throw new OtherPackets(
        `the capture of stream ${table.stream} gave other packets on its second reading, at packet ${row}`,
      );
    }
    return true;
  }

  finish(): void {
    const { table } = this.#layout;
    if (this.#row + 1 !== table.count) {
      throw new OtherPackets(
        `the capture of stream ${table.stream} ended early on its second reading, at packet ${this.#row + 1}`,
      );
    }
  }

  get start(): number {
    return this.#layout.start[this.#row]!;
  }

  get codec(): ReturnType<StreamLayout['table']['codecOf']> {
    return this.#layout.table.codecOf(this.#row);
  }

  get edit(): ReturnType<StreamLayout['edits']['get']> {
    return this.#layout.edits.size === 0 ? undefined : this.#layout.edits.get(this.#row);
  }

  get atBlock(): boolean {
    return (this.#row + 1) % BLOCK === 0;
  }

  /** The first sample that a later packet draws. */
  get earliest(): number {
    return this.#layout.earliest[Math.floor((this.#row + 1) / BLOCK)]!;
  }
}
