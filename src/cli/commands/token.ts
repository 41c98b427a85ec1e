import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

interface Created {
  readonly token: { id: string; name: string; scope: string; expiresAt: string | null };
  readonly secret: string;
}

export function tokenCommand(program: Command, context: CommandContext): void {
  program
    .command('token')
    .description('tokens for programs')
    .command('create <name>')
    .description('make a bearer token; it is shown once')
    .option('--scope <scope>', 'full, read or metrics', 'read')
    .option('--days <n>', 'valid for so many days; for ever without it')
    .option('--json', 'for programs')
    .action(async (name: string, options: { scope: string; days?: string; json?: boolean }) => {
      const body = {
        name,
        scope: options.scope,
        ...(options.days === undefined ? {} : { expiresInDays: Number(options.days) }),
      };
      const created = await context.connect().json<Created>('POST', '/tokens', body);
      context.output(options).result(created, () => created.secret);
    });
}
