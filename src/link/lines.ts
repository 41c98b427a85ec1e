import type { Socket } from 'node:net';

const LONGEST_LINE = 64 * 1024 * 1024;

/** Reads one JSON object a line from a socket; what is not JSON, or too long, ends the connection. */
export function readLines(socket: Socket, onMessage: (message: unknown) => void): void {
  let parts: string[] = [];
  let length = 0;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    let start = 0;
    for (let end = chunk.indexOf('\n', start); end !== -1; end = chunk.indexOf('\n', start)) {
      parts.push(chunk.slice(start, end));
      const line = parts.join('');
      parts = [];
      length = 0;
      start = end + 1;
      if (!deliver(line, onMessage)) {
        socket.destroy();
        return;
      }
    }
    const rest = chunk.slice(start);
    length += rest.length;
    if (length > LONGEST_LINE) socket.destroy();
    else if (rest !== '') parts.push(rest);
  });
}

function deliver(line: string, onMessage: (message: unknown) => void): boolean {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return false;
  }
  onMessage(message);
  return true;
}

export function writeLine(socket: Socket, message: object): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}
