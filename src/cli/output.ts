/** What a command prints: text for people, or JSON where a program reads it. */
export interface Output {
  readonly json: boolean;
  /** A whole result. `people` is only made when people read it. */
  result(value: unknown, people: () => string): void;
  /** A word on the way, for people only. */
  say(text: string): void;
}

export function openOutput(json: boolean): Output {
  return {
    json,
    result: (value, people) => void process.stdout.write(`${json ? JSON.stringify(value, null, 2) : people()}\n`),
    say: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
  };
}

/** Columns under their headings, as wide as their longest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1:05:09`, `12:03`, `0:10`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = clock;
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** `YYYY-MM-DD hh:mm:ss` in local time. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Control characters of foreign texts must not reach a terminal. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�');
}
