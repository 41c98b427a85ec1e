import { actorText } from '../../access/actor.ts';
import { EarshotError } from '../../base/errors.ts';
import type { App } from '../app.ts';
import type { ApiContext, SettingsPatch, SettingsValues } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { Settings, SettingsChange } from './schema.ts';

export function settingsRoutes(app: App, context: ApiContext): void {
  app.get(
    '/settings',
    {
      config: { access: 'settings.read' },
      schema: {
        operationId: 'getSettings',
        tags: ['settings'],
        summary: 'Settings of the platform that everybody reads',
        response: { 200: named(Settings), ...guarded(503) },
      },
    },
    async () => viewOf(await context.settings.read(), context),
  );
  app.put(
    '/settings',
    {
      config: { access: 'settings.change' },
      schema: {
        operationId: 'changeSettings',
        tags: ['settings'],
        summary: 'Change settings; what is left out stays',
        body: SettingsChange,
        response: { 200: named(Settings), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const patch = patchOf(request.body);
      const changed = await context.settings.change(request.body.version, patch, actorText(request.actor));
      if (changed === null) {
        throw new EarshotError('CONFLICT', 'somebody else has changed the settings meanwhile.', {
          key: 'version',
          remedy: 'Load them again and repeat the change.',
        });
      }
      return viewOf(changed, context);
    },
  );
}

function patchOf(body: SettingsChange): SettingsPatch {
  if (body.noticeAcknowledged === false) {
    throw new EarshotError('BAD_REQUEST', 'an acknowledgement cannot be taken back.', { key: 'noticeAcknowledged' });
  }
  return body.noticeAcknowledged === undefined ? {} : { noticeAcknowledged: true };
}

function viewOf(values: SettingsValues, context: ApiContext): Settings {
  return {
    version: values.version,
    retentionDays: values.retentionDays,
    noticeAcknowledged: values.noticeAcknowledged,
    trunkWarning: context.settings.trunkWarning(),
  };
}
