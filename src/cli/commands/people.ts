import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { localTime, plain, table } from '../output.ts';

interface Person {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: string;
  readonly accountId: string | null;
  readonly brandId: string | null;
  readonly userId: string | null;
  readonly state: string;
  readonly lastSignInAt: string | null;
}

interface Invitation {
  readonly person: Person;
  readonly url: string;
  readonly expiresAt: string;
}

interface Level {
  readonly role?: string;
  readonly account?: string;
  readonly brand?: string;
  readonly user?: string;
}

type Json = { readonly json?: boolean };

export function peopleCommand(program: Command, context: CommandContext): void {
  const people = program.command('people').description('who signs in, and at which level');
  listCommand(people, context);
  inviteCommand(people, context);
  changeCommands(people, context);
}

function listCommand(people: Command, context: CommandContext): void {
  people
    .command('list')
    .description('everybody within your reach')
    .option('--json', 'for programs')
    .action(async (options: Json) => {
      const list = await context.connect().json<{ items: readonly Person[] }>('GET', '/people');
      context.output(options).result(list, () => describe(list.items));
    });
}

function inviteCommand(people: Command, context: CommandContext): void {
  levelOptions(
    people
      .command('invite <login> <name>')
      .description('make a person; prints the one-time address where he sets a password'),
  )
    .option('--json', 'for programs')
    .action(async (login: string, name: string, options: Level & Json) => {
      const { role = 'administrator', ...ids } = levelOf(options);
      const invitation = await context.connect().json<Invitation>('POST', '/people', { login, name, role, ...ids });
      context.output(options).result(invitation, () => invitation.url);
    });
  people
    .command('link <login>')
    .description('print a fresh one-time address, also for a forgotten password')
    .option('--json', 'for programs')
    .action(async (login: string, options: Json) => {
      const path = `/people/${await idOf(context, login)}/invitation`;
      const invitation = await context.connect().json<Invitation>('POST', path);
      context.output(options).result(invitation, () => invitation.url);
    });
}

function changeCommands(people: Command, context: CommandContext): void {
  const change = async (login: string, body: Record<string, string | boolean>, options: Json) => {
    const person = await context.connect().json<Person>('PUT', `/people/${await idOf(context, login)}`, body);
    context.output(options).result(person, () => describe([person]));
  };
  levelOptions(people.command('change <login>').description('give another name or level'))
    .option('--name <name>', 'name')
    .option('--json', 'for programs')
    .action((login: string, options: Level & Json & { name?: string }) =>
      change(login, { ...levelOf(options), ...(options.name === undefined ? {} : { name: options.name }) }, options),
    );
  for (const [word, isDisabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    people
      .command(`${word} <login>`)
      .description(isDisabled ? 'end all sessions and let him in no more' : 'let him in again')
      .option('--json', 'for programs')
      .action((login: string, options: Json) => change(login, { isDisabled }, options));
  }
  people
    .command('remove <login>')
    .description('remove a person; what he did stays in the audit log')
    .action(async (login: string) => {
      await context.connect().json('DELETE', `/people/${await idOf(context, login)}`);
    });
}

function levelOptions(command: Command): Command {
  return command
    .option('--role <role>', 'operator, brand, administrator or user')
    .option('--account <id>', 'of an administrator or user')
    .option('--brand <id>', 'of a brand administrator')
    .option('--user <id>', 'user of the directory, of a user');
}

function levelOf({ role, account, brand, user }: Level): {
  role?: string;
  accountId?: string;
  brandId?: string;
  userId?: string;
} {
  return {
    ...(role === undefined ? {} : { role }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(brand === undefined ? {} : { brandId: brand }),
    ...(user === undefined ? {} : { userId: user }),
  };
}

/** People are named by their login; an id does as well. */
async function idOf(context: CommandContext, login: string): Promise<string> {
  const { items } = await context.connect().json<{ items: readonly Person[] }>('GET', '/people');
  return items.find((person) => person.login.toLowerCase() === login.toLowerCase())?.id ?? encodeURIComponent(login);
}

function describe(people: readonly Person[]): string {
  if (people.length === 0) return 'Nobody.';
  const rows = people.map((person) => [
    plain(person.login),
    plain(person.name),
    person.role,
    [person.brandId, person.accountId, person.userId].filter((id) => id !== null).join(' / '),
    person.state,
    person.lastSignInAt === null ? '' : localTime(person.lastSignInAt),
  ]);
  return table(['Login', 'Name', 'Level', 'Of', 'State', 'Last sign-in'], rows);
}
