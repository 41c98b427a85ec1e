import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

interface Created {
  readonly token: { id: string; name: string; scope: string; expiresAt: string | null };
  readonly secret: string;
}

interface Options {
  readonly scope: string;
  readonly account?: string;
  readonly brand?: string;
  readonly user?: string;
  readonly days?: string;
  readonly json?: boolean;
}

export function tokenCommand(program: Command, context: CommandContext): void {
  program
    .command('token')
    .description('tokens for programs')
    .command('create <name>')
    .description('make a bearer token; it is shown once')
    .option('--scope <scope>', 'full, read, metrics or control', 'read')
    .option('--account <id>', 'reaches this account only')
    .option('--brand <id>', 'reaches this brand only')
    .option('--user <id>', 'reaches the calls of this user of the account only')
    .option('--days <n>', 'valid for so many days; for ever without it')
    .option('--json', 'for programs')
    .action(async (name: string, options: Options) => {
      const body = {
        name,
        scope: options.scope,
        ...(options.account === undefined ? {} : { accountId: options.account }),
        ...(options.brand === undefined ? {} : { brandId: options.brand }),
        ...(options.user === undefined ? {} : { userId: options.user }),
        ...(options.days === undefined ? {} : { expiresInDays: Number(options.days) }),
      };
      const created = await context.connect().json<Created>('POST', '/tokens', body);
      context.output(options).result(created, () => created.secret);
    });
}
