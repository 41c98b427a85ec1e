import { silentLog } from '../base/log.ts';
import type { SessionFacts } from '../intake/types.ts';
import { JournalFold } from '../link/fold.ts';
import type { Asker, RecordingStep } from '../link/journal.ts';
import type { Command, ControlAction } from '../link/messages.ts';
import type { AccountSettings, PolicySettings } from '../policy/types.ts';
import { Commands } from './commands.ts';
import type { Recorder } from './recorder.ts';
import { sessionFacts, TestBench } from './testing.ts';

export const ALICE: Asker = { kind: 'user', id: 'u1', name: 'Alice', userId: 'alice', via: 'web' };
export const ROOT: Asker = { kind: 'administrator', id: 'a1', name: 'Root', via: 'rest' };
export const IVR: Asker = { kind: 'token', id: 't1', name: 'IVR', via: 'rest' };

export const EVERYTHING = { id: 'all', description: 'All', isOn: true, mode: 'automatic', scope: 'call' } as const;

export function company(more: Partial<AccountSettings> = {}, version = 1): PolicySettings {
  const users = [{ id: 'alice', name: 'Alice', extensions: ['100'] }];
  return { version, accounts: [{ id: 'main', name: 'Main', users, onDemand: { isOn: true }, ...more }] };
}

export const AUTOMATIC = company({ rules: [EVERYTHING] });

/** A recorder with calls, and what may be asked of them. */
export class Room {
  readonly bench = new TestBench();
  readonly recorder: Recorder;
  readonly commands: Commands;

  constructor(settings: PolicySettings | null) {
    this.recorder = this.bench.recorder(settings);
    this.commands = new Commands(this.recorder, silentLog);
  }

  async call(sessionId = 's1', facts: SessionFacts = sessionFacts()): Promise<string> {
    const prepared = await this.recorder.prepare(this.bench.opening(sessionId, facts));
    await prepared.commit({});
    return prepared.callId;
  }

  ask(callId: string, action: ControlAction, asker = ALICE, reason?: string) {
    return this.run({ op: 'control', callId, action, asker, ...(reason === undefined ? {} : { reason }) });
  }

  run(command: Command) {
    return this.commands.run(command);
  }

  kept(callId: string): boolean {
    return this.bench.captured.get(callId)!.keep;
  }

  /** Its recordings as the journal tells them. */
  state(callId: string) {
    const fold = new JournalFold();
    for (const entry of this.bench.entries) fold.apply(entry);
    return fold.calls.get(callId)!;
  }

  steps(callId: string): RecordingStep['do'][] {
    return this.bench.entries.flatMap((entry) =>
      entry.kind === 'recording' && entry.callId === callId ? [entry.step.do] : [],
    );
  }
}

export const withOverride = (override: string | undefined, joinKeys: string[] = []): SessionFacts => {
  const facts = sessionFacts(undefined, joinKeys);
  return override === undefined ? facts : { ...facts, call: { ...facts.call, override } };
};

/** Lets everything go on that waits for no clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
