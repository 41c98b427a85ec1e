#!/usr/bin/env node
// Starts the command under the Node 24 that comes with the package, wherever an older one is first on the path.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'cli', 'earshot.ts');

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(program);
} else {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const node = createRequire(import.meta.url).resolve(`node-linux-${arch}/bin/node`);
  const { status, signal } = spawnSync(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = signal === null ? (status ?? 1) : 1;
}
