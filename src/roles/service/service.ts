import { rm, writeFile } from 'node:fs/promises';
import { Access } from '../../access/access.ts';
import { sqlAccessStore } from '../../access/sql.ts';
import type { ApiContext } from '../../api/context.ts';
import { listen, type Listening } from '../../api/listen.ts';
import { createApi } from '../../api/server.ts';
import { systemClock, type Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { systemRandom } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { serviceAddressFile } from '../../cli/connection.ts';
import { tailJournal, type JournalTail } from '../../recording/journal/tail.ts';
import { Directory } from '../../directory/directory.ts';
import { Imports } from '../../directory/imports.ts';
import { secretBox } from '../../directory/secret-box.ts';
import { loadCertificate } from '../../seal/certificate.ts';
import { loadServerKeys } from '../../vault/keys.ts';
import { readSecret } from '../../vault/secrets.ts';
import { openVault, type Vault } from '../../vault/vault.ts';
import { linkPath } from '../places.ts';
import { spoolFolders } from '../recorder/spool.ts';
import { VERSION } from '../version.ts';
import { ArchiveSide } from './archive.ts';
import { callJournal, heldSource } from './call-journal.ts';
import { RecorderSide } from './calls.ts';
import { openCatalogue } from './database.ts';
import { RecordingFeed } from './feed.ts';
import { phoneSource } from './phones.ts';
import { Platform } from './platform.ts';
import { audioSource, recordingSource } from './recordings.ts';
import { SettingsInForce } from './settings.ts';
import { startUpkeep } from './upkeep.ts';

const WEB_ROOT = new URL('../../../web/dist', import.meta.url).pathname;

/** The service's parts, put together once. */
interface Assembly {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly catalogue: Catalogue;
  readonly vault: Vault;
  readonly settings: SettingsInForce;
  readonly directory: Directory;
  readonly imports: Imports;
  readonly recorder: RecorderSide;
  readonly archive: ArchiveSide;
  readonly tail: JournalTail;
  readonly feed: RecordingFeed;
  readonly access: Access;
}

/**
 * Runs archive, catalogue, upkeep and API until `stop`. Resolves with the exit code.
 * @throws EarshotError for what an administrator must mend before it can start
 */
export async function runService(config: Config, log: Log, stop: AbortSignal): Promise<number> {
  const clock = systemClock({ hold: true });
  const assembly = await assemble(config, clock, log);
  const upkeep = startUpkeep({ ...assembly, dataDir: config.dataDir });
  const platform = new Platform({ ...assembly, upkeep });
  const listening = await serve(assembly, platform);
  await announceReady(assembly, listening);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  await rm(serviceAddressFile(config.dataDir), { force: true });
  await listening.close();
  assembly.tail.stop();
  await upkeep.stop();
  await assembly.imports.stop();
  await assembly.archive.archiver.close();
  assembly.recorder.close();
  await assembly.feed.close();
  await assembly.vault.close();
  await assembly.catalogue.close();
  return 0;
}

async function assemble(config: Config, clock: Clock, log: Log): Promise<Assembly> {
  const catalogue = await openCatalogue(config, clock, log);
  const vault = await openVault(config.dataDir, config.nodeName);
  const late: { recorder?: RecorderSide; tail?: JournalTail } = {};
  const box = secretBox(await readSecret(config.dataDir, 'sessionSecret'), systemRandom);
  const settings = await SettingsInForce.load({
    catalogue,
    config,
    box,
    log,
    onChange: () => late.recorder?.tellSettings(),
  });
  const setting = { db: catalogue.db, clock, random: systemRandom, box, onChanged: () => settings.refresh() };
  const directory = new Directory({ ...setting, fromFile: config.trunks });
  const imports = new Imports({ ...setting, log, ldapHosts: config.directory.ldapHosts });
  await imports.start();
  const { journalDir, audioDir } = spoolFolders(config.dataDir);
  const archive = await ArchiveSide.open({
    config,
    catalogue,
    vault,
    settings,
    audioDir,
    acknowledge: (callId) => late.recorder?.archived(callId),
    clock,
    log,
  });
  const recorder = new RecorderSide({
    path: linkPath(config.dataDir),
    clock,
    log,
    settings: () => settings,
    onJournal: (file, offset) => late.tail?.moved(file, offset),
    onAway: () => late.tail?.recorderAway(),
  });
  late.recorder = recorder;
  const tail = tailJournal({ folder: journalDir, clock, log }, (entry) => archive.take(entry));
  late.tail = tail;
  const onSettings = (): void => void settings.refresh().catch(() => undefined);
  const feed = await RecordingFeed.open({ catalogue, clock, log, onSettings });
  const localToken = await readSecret(config.dataDir, 'localToken');
  const access = new Access({ store: sqlAccessStore(catalogue.db), clock, random: systemRandom, localToken });
  return { config, clock, log, catalogue, vault, settings, directory, imports, recorder, archive, tail, feed, access };
}

async function serve(assembly: Assembly, platform: Platform): Promise<Listening> {
  const { config, clock, log, catalogue, vault, settings, directory, imports, recorder, archive, feed, access } =
    assembly;
  const context: ApiContext = {
    clock,
    random: systemRandom,
    log,
    version: VERSION,
    http: config.http,
    webRoot: WEB_ROOT,
    access,
    recordings: recordingSource(catalogue, vault, log),
    audio: audioSource(vault),
    calls: recorder,
    journal: callJournal(catalogue),
    held: heldSource(catalogue, archive, recorder),
    directory,
    imports,
    policy: { settings: () => settings.snapshot },
    phones: phoneSource(catalogue),
    settings,
    platform,
    feed,
  };
  const pair = await loadServerKeys(config.dataDir, 'http', config.http, clock.now());
  const { certificate, key } = pair;
  platform.httpCertificateEnds = loadCertificate(pair, 'http').expiresAt;
  const { host, port, trustProxy } = config.http;
  return listen(await createApi(context), { host, port, key, certificate, trustProxy });
}

/** Tells the command where to find us, and the person at the terminal where to go. */
async function announceReady({ config, access, log }: Assembly, { port }: Listening): Promise<void> {
  const local = `http://127.0.0.1:${port}`;
  await writeFile(serviceAddressFile(config.dataDir), JSON.stringify({ url: local, pid: process.pid }), {
    mode: 0o600,
  });
  const address = config.http.publicUrl ?? local;
  const lines = ['', `  Earshot ${VERSION} is ready at ${address}`];
  if (await access.setupNeeded()) {
    lines.push(
      '',
      '  Make the first administrator (good once, for a day):',
      `  ${address}/setup#${await access.createSetupLink()}`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
  log.info({ http: port }, 'the service is ready');
}
