import type { Config } from '../../base/config.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import { loadOwnerKeys, loadServerKeys } from '../../vault/keys.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const DAY_MS = 86_400_000;

/** The owner's certificate and the servers': there, fitting, and valid for a while. */
export async function keyFindings(config: Config, now: number): Promise<Finding[]> {
  return [
    await looked('owner certificate', async () => {
      const { expiresAt } = await loadOwnerKeys(config.dataDir);
      return age('owner certificate', expiresAt, now);
    }),
    await looked('http certificate', async () => {
      await loadServerKeys(config.dataDir, 'http', config.http, now);
      return ok('http certificate', config.http.certificate ?? 'Self-signed; browsers will ask once.');
    }),
    await looked('sip certificate', async () => {
      await loadServerKeys(config.dataDir, 'sip', config.sip, now);
      return ok('sip certificate', config.sip.certificate ?? 'Self-signed.');
    }),
  ];
}

function age(check: string, expiresAt: number, now: number): Finding {
  const days = Math.floor((expiresAt - now) / DAY_MS);
  const text = `Valid until ${new Date(expiresAt).toISOString().slice(0, 10)} (${days} days).`;
  if (days < 0) return warning(check, text, 'Recordings are still sealed to it; replace it when you can.');
  return days < 60 ? warning(check, text, 'Replace it in time.') : ok(check, text);
}

async function looked(check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof EarshotError && error.code === 'KEY_MISSING') {
      return warning(
        check,
        error.message,
        'It is made at the first start; if there was one, bring it back from a backup.',
      );
    }
    return problem(
      check,
      messageOf(error),
      error instanceof EarshotError ? (error.remedy ?? 'Replace it.') : 'Replace it.',
    );
  }
}
