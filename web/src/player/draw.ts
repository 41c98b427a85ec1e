/** One channel's wave form: for each pixel column the lowest and highest value, from -1 to 1, lowest and highest in turn. */
export type Wave = readonly number[];

/** Factor that makes the loudest of the channels fill its lane; silence is not blown up to noise. */
export function gainOf(channels: readonly Wave[]): number {
  let most = 0;
  for (const wave of channels) for (const value of wave) most = Math.max(most, Math.abs(value));
  return most === 0 ? 1 : Math.min(12, 1 / most);
}

/** Width of a bar and of the space after it, in CSS pixels. */
const BAR = 2;
const SPACE = 1;

/** Draws a channel as bars around the middle of the canvas. `scale`: device pixels for each CSS pixel. */
export function drawWave(canvas: HTMLCanvasElement, wave: Wave, gain: number, colour: string, scale: number): void {
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const { width, height } = canvas;
  const middle = height / 2;
  const pairs = wave.length / 2;
  const bars = Math.floor(width / scale / (BAR + SPACE));
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = colour;
  pen.beginPath();
  for (let bar = 0; bar < bars; bar++) {
    const loud = loudness(wave, (bar * pairs) / bars, ((bar + 1) * pairs) / bars) * gain;
    // Speech is mostly quiet: a gentle curve lets soft words be seen beside loud ones.
    const tall = Math.max(scale, Math.min(1, loud) ** 0.75 * (middle - scale) * 2);
    pen.roundRect(bar * (BAR + SPACE) * scale, middle - tall / 2, BAR * scale, tall, scale);
  }
  pen.fill();
}

/** The largest absolute value of a stretch of pairs. */
function loudness(wave: Wave, from: number, to: number): number {
  let most = 0;
  const end = Math.max(Math.ceil(to), Math.floor(from) + 1) * 2;
  for (let i = Math.floor(from) * 2; i < end && i < wave.length; i++) most = Math.max(most, Math.abs(wave[i] ?? 0));
  return most;
}

/** Round times for a scale of about `count` marks, ms. */
export function timeMarks(durationMs: number, count: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((s) => s * 1000);
  const step = steps.find((size) => durationMs / size <= count) ?? 14_400_000;
  const marks: number[] = [];
  for (let at = 0; at <= durationMs - step * 0.35 || at === 0; at += step) marks.push(at);
  return marks;
}
