import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, asked } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { sessionQuery } from '../session/session.ts';
import { settingsQuery } from '../settings/queries.ts';
import classes from './announcement.module.css';
import { reasonOf } from './say.ts';

/** At first start: whoever sets the recorder up is told of the duties that come with it, until somebody has confirmed. */
export function AnnouncementNotice({ session }: { readonly session: Session }) {
  const client = useQueryClient();
  const [put, setPut] = useState(false);
  const acknowledge = useMutation({
    mutationFn: async () => {
      const { version } = await client.fetchQuery({ ...settingsQuery, staleTime: 0 });
      return asked(api.PUT('/api/v1/settings', { body: { version, noticeAcknowledged: true } }));
    },
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings);
      client.setQueryData(sessionQuery.queryKey, (now) => now && { ...now, noticeAcknowledged: true });
    },
  });
  if (session.noticeAcknowledged || !session.abilities.includes('settings.change')) return null;
  return (
    <Modal
      opened={!put}
      onClose={() => setPut(true)}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
      title="Before you record: tell people that you do"
      classNames={{ title: classes.title ?? '' }}
    >
      <div className={classes.text}>
        <p>
          Earshot records the calls that your phone system sends to it. In many places a call may be recorded only when
          the people in it have been told, or have agreed; some laws ask for the consent of every party. The rules
          depend on country and state, on the kind of call, and on what the recording is for. Breaking them can be a
          crime.
        </p>
        <ul>
          <li>
            <strong>Ask a lawyer</strong> which rules hold for your calls, and how long recordings may be kept. We
            cannot tell you, and Earshot does not decide it for you.
          </li>
          <li>
            <strong>Announce it.</strong> Calls reach Earshot as a copy, so it plays no announcement into them. Your
            phone system has to, where one is needed.
          </li>
          <li>
            <strong>You can turn it off.</strong> At first Earshot records every call that it is sent, by a rule that
            you find under Rules &amp; people; switch it off there, or say what is recorded instead.
          </li>
        </ul>
      </div>
      {acknowledge.isError && (
        <p className={classes.error} role="alert">
          {reasonOf(acknowledge.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => setPut(true)}>
          Remind me next time
        </Button>
        <Button data-autofocus loading={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
          I have read this
        </Button>
      </div>
    </Modal>
  );
}
