import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { RecorderHello, StatusMessage, ToRecorder, ToService } from '../../link/messages.ts';
import { LinkServer } from '../../link/server.ts';
import { snapshotFault } from '../../policy/snapshot.ts';
import type { PolicySettings } from '../../policy/types.ts';
import type { Commands } from '../../recording/commands.ts';
import { LiveChanges } from '../../recording/live-changes.ts';
import type { CapturePort } from '../../recording/ports.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { SettingsFile } from '../../recording/settings-file.ts';
import type { TrunkBook } from './trunk-book.ts';

const EVERY_MS = 1000;
/** Changes within this time are told together. */
const GATHER_MS = 50;

export interface RecorderLinkParts {
  readonly path: string;
  readonly hello: RecorderHello;
  readonly recorder: Recorder;
  readonly commands: Commands;
  readonly capture: CapturePort;
  readonly settingsFile: SettingsFile;
  readonly trunks: TrunkBook;
  /** Something that an administrator must know of; null = it is over. */
  readonly alarm: (code: string, text: string | null) => void;
  readonly position: () => { readonly file: string; readonly offset: number };
  readonly status: () => StatusMessage;
  readonly clock: Clock;
  readonly log: Log;
}

/** The recorder's side of the conversation with the service. */
export class RecorderLink {
  readonly #parts: RecorderLinkParts;
  readonly #live: LiveChanges;
  #server: LinkServer | undefined;
  #timer: Timer | undefined;
  #gathering: Timer | undefined;

  constructor(parts: RecorderLinkParts) {
    this.#parts = parts;
    this.#live = new LiveChanges(parts.recorder, parts.capture);
  }

  async open(): Promise<void> {
    const { path, hello, log } = this.#parts;
    this.#server = await LinkServer.listen({
      path,
      hello,
      log,
      onMessage: (message, reply) => this.#take(message, reply),
    });
    this.#tick();
  }

  close(): void {
    this.#timer?.cancel();
    this.#gathering?.cancel();
    this.#server?.close();
  }

  /** The journal is synced up to here. */
  journalMoved(file: string, offset: number): void {
    this.#server?.send({ type: 'journal', file, offset });
  }

  callsChanged(): void {
    this.#gathering ??= this.#parts.clock.after(GATHER_MS, () => {
      this.#gathering = undefined;
      if (this.#server?.connected !== true) return;
      const message = this.#live.next();
      if (message.calls.length > 0 || message.over.length > 0) this.#server.send(message);
    });
  }

  #tick(): void {
    if (this.#server?.connected === true) this.#server.send(this.#live.nextWithMedia());
    // Looked at even when nobody listens: it raises alarms.
    const status = this.#parts.status();
    this.#server?.send(status);
    this.#timer = this.#parts.clock.after(EVERY_MS, () => this.#tick());
  }

  #take(message: ToRecorder, reply: (message: ToService) => void): void {
    switch (message.type) {
      case 'hello': {
        const { file, offset } = this.#parts.position();
        if (file !== '') reply({ type: 'journal', file, offset });
        reply(this.#parts.status());
        this.#server?.send(this.#live.whole());
        break;
      }
      case 'snapshot':
        if (message.trunks !== undefined) this.#parts.trunks.take(message.trunks);
        this.#takeSettings(message.settings);
        break;
      case 'archived':
        if (this.#parts.recorder.archived(message.callId))
          reply({ type: 'archived-confirmed', callId: message.callId });
        break;
      case 'command':
        void this.#command(message).then(reply);
        break;
    }
  }

  #takeSettings(settings: PolicySettings): void {
    const { recorder, settingsFile, log, alarm } = this.#parts;
    const refuse = (fault: string): void =>
      alarm('settings-unreadable', `New settings cannot be read: ${fault}. The last good ones stay in force.`);
    const fault = snapshotFault(settings);
    if (fault !== null) return refuse(fault);
    const before = recorder.settingsVersion;
    try {
      if (!recorder.applySettings(settings)) return alarm('settings-unreadable', null);
    } catch (error) {
      return refuse(messageOf(error));
    }
    alarm('settings-unreadable', null);
    if (settings.version < before)
      log.warn({ before, now: settings.version }, 'the settings count from a lower version; those that came last hold');
    // Only what is good: the next start must not read what this one could not use.
    try {
      settingsFile.save(settings);
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the settings snapshot could not be kept on disk');
    }
  }

  async #command({ id, command }: ToRecorder & { type: 'command' }): Promise<ToService> {
    return { type: 'answer', id, ...(await this.#parts.commands.run(command)) };
  }
}
