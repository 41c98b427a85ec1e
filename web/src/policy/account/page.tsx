import { Alert, Checkbox, NativeSelect, NumberInput, Radio, Stack, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Section } from '../../app/page.tsx';
import { orNothing, patched, type Patch } from '../../directory/merge.ts';
import { accountQuery } from '../../directory/queries.ts';
import type { OnDemand, Pause } from '../../directory/types.ts';
import { useMay } from '../../session/session.ts';
import { HandlingFields, Lines } from '../frame/fields.tsx';
import classes from '../frame/frame.module.css';
import { PickOne } from '../frame/picker.tsx';
import { PolicyPage, type PolicyProps } from '../frame/policy-page.tsx';

/** Recording by hand, pauses, keeping, and how the account's calls are recognised. */
export function AccountPage() {
  return (
    <PolicyPage
      title="By hand, pause, keeping"
      lead="What holds for the whole account, unless something nearer says otherwise."
    >
      {(form) => (
        <>
          <ByHand {...form} />
          <Pauses {...form} />
          <Keeping {...form} />
          <Recognised {...form} />
        </>
      )}
    </PolicyPage>
  );
}

function ByHand({ accountId, value, set, fault }: PolicyProps) {
  const may = useMay();
  const account = useQuery(accountQuery(accountId)).data;
  const onDemand = value.onDemand ?? {};
  const change = (patch: Patch<OnDemand>): void => set({ onDemand: orNothing(patched(onDemand, patch)) });
  const isAllowed = onDemand.isAllowed ?? (account?.brandId ?? null) === null;
  return (
    <Section
      title="Recording by hand"
      note="Who is in a call may start and stop recording it, by button, code or this client."
    >
      <div className={classes.form}>
        {may('brand.change') && (
          <Switch
            label="This account may have it"
            description="Decided by the brand; the account then switches it on."
            checked={isAllowed}
            onChange={({ currentTarget }) => change({ isAllowed: currentTarget.checked })}
          />
        )}
        {!isAllowed && !may('brand.change') && (
          <Alert color="gray">Your brand does not allow recording by hand for this account.</Alert>
        )}
        <Switch
          label="On"
          checked={onDemand.isOn === true}
          disabled={!isAllowed}
          onChange={({ currentTarget }) => change({ isOn: currentTarget.checked || undefined })}
        />
        {isAllowed && onDemand.isOn === true && (
          <>
            <Radio.Group
              label="Who"
              value={onDemand.who ?? 'everybody'}
              onChange={(who) => change({ who: who === 'rules' ? 'rules' : undefined })}
            >
              <Stack gap={8} mt={6}>
                <Radio value="everybody" label="Everybody of the account, in their own calls" />
                <Radio value="rules" label="Only whom a rule for recording by hand names" />
              </Stack>
            </Radio.Group>
            <Checkbox
              label="Hold everything, and keep it if somebody asks"
              description="Calls that are not recorded automatically are held sealed from their start, so that what was said before somebody asked is not lost."
              checked={onDemand.liveKeep === true}
              onChange={({ currentTarget }) => change({ liveKeep: currentTarget.checked || undefined })}
            />
            <div className={classes.pair}>
              <TextInput
                label="Code that is dialled during the call"
                maxLength={16}
                inputMode="tel"
                placeholder="*1"
                value={onDemand.code ?? ''}
                onChange={({ currentTarget }) => change({ code: currentTarget.value || undefined })}
                error={
                  fault?.includes('code') === true ? 'This code clashes with another one, or cannot be dialled.' : null
                }
              />
              <Lines
                label="Other codes of the phone system"
                description="That it must not clash with, one per line."
                lines={onDemand.otherCodes}
                onChange={(otherCodes) => change({ otherCodes })}
              />
            </div>
          </>
        )}
        <NumberInput
          label="Minutes that a held call is kept"
          description="After its end, within which somebody may ask for it."
          maw={320}
          min={0}
          max={525_600}
          allowDecimal={false}
          allowNegative={false}
          placeholder="60"
          value={value.liveKeepMinutes ?? ''}
          onChange={(minutes) => set({ liveKeepMinutes: minutes === '' ? undefined : Number(minutes) })}
        />
      </div>
    </Section>
  );
}

function Pauses({ value, set }: PolicyProps) {
  const pause = value.pause ?? {};
  const change = (patch: Patch<Pause>): void => set({ pause: orNothing(patched(pause, patch)) });
  return (
    <Section title="Pause" note="While a call is paused nothing of it is kept: no sound, no dialled digits.">
      <div className={classes.pair}>
        <NativeSelect
          description="What becomes of the time"
          label="A pause in the recording"
          value={pause.mode ?? 'cut'}
          onChange={({ currentTarget }) => change({ mode: currentTarget.value === 'silence' ? 'silence' : undefined })}
          data={[
            { value: 'cut', label: 'Is cut out and marked' },
            { value: 'silence', label: 'Is silence as long' },
          ]}
        />
        <NativeSelect
          label="Who may pause"
          description="Administrators always may"
          value={pause.who ?? 'parties'}
          onChange={({ currentTarget }) =>
            change({ who: currentTarget.value === 'administrators' ? 'administrators' : undefined })
          }
          data={[
            { value: 'parties', label: 'Users in the call' },
            { value: 'administrators', label: 'Administrators only' },
          ]}
        />
        <NumberInput
          label="Seconds until it goes on by itself"
          description="Empty: only when somebody says so."
          min={1}
          max={86_400}
          allowDecimal={false}
          allowNegative={false}
          value={pause.resumeAfterSeconds ?? ''}
          onChange={(seconds) => change({ resumeAfterSeconds: seconds === '' ? undefined : Number(seconds) })}
        />
      </div>
    </Section>
  );
}

function Keeping({ accountId, value, set }: PolicyProps) {
  const unassigned = value.unassigned ?? { to: 'list' as const };
  return (
    <Section title="Keeping">
      <div className={classes.form}>
        <HandlingFields
          value={value.handling}
          onChange={(handling) => set({ handling })}
          inherits="As the platform says"
          inheritsLongest="No limit"
        />
        <div className={classes.pair}>
          <NativeSelect
            label="Recordings that fit no user"
            description="By extension, number, device …"
            value={unassigned.to}
            onChange={({ currentTarget: { value: to } }) => {
              if (to === 'list') set({ unassigned: undefined });
              else set({ unassigned: to === 'discard' ? { to } : { to: 'catch-all', userId: '' } });
            }}
            data={[
              { value: 'list', label: 'Are listed as unassigned' },
              { value: 'catch-all', label: 'Go to a catch-all user' },
              { value: 'discard', label: 'Are thrown away' },
            ]}
          />
          {unassigned.to === 'catch-all' && (
            <PickOne
              accountId={accountId}
              kind="users"
              label="Catch-all user"
              description="Made for the purpose, no named person"
              none="Choose a user"
              required
              id={unassigned.userId === '' ? undefined : unassigned.userId}
              onChange={(userId) => set({ unassigned: { to: 'catch-all', userId: userId ?? '' } })}
            />
          )}
          <NumberInput
            label="Days in the journal without a recording"
            description="Calls that were not recorded"
            min={1}
            max={36_500}
            allowDecimal={false}
            allowNegative={false}
            placeholder="As the platform says"
            value={value.notRecordedDays ?? ''}
            onChange={(days) => set({ notRecordedDays: days === '' ? undefined : Number(days) })}
          />
        </div>
        <Checkbox
          label="Keep dialled digits in the events of a call"
          description="Off by default: card numbers and passwords are dialled too."
          checked={value.keepDigits === true}
          onChange={({ currentTarget }) => set({ keepDigits: currentTarget.checked || undefined })}
        />
        <Checkbox
          label="Users may switch recording on and off for themselves and their devices"
          checked={value.usersMaySet !== false}
          onChange={({ currentTarget }) => set({ usersMaySet: currentTarget.checked ? undefined : false })}
        />
      </div>
    </Section>
  );
}

function Recognised({ value, set, fault }: PolicyProps) {
  const may = useMay();
  return (
    <Section title="How its calls are recognised">
      <div className={classes.pair}>
        <TextInput
          label="Country"
          description="Two letters, e.g. DE: how numbers without + are read."
          maxLength={2}
          value={value.country ?? ''}
          onChange={({ currentTarget }) => set({ country: currentTarget.value.toUpperCase() || undefined })}
          error={fault?.includes('country') === true ? 'Two letters, such as DE, GB or US.' : null}
        />
        {may('platform.change') && (
          <Lines
            label="Group or tenant ids"
            description="By which the phone system’s metadata name this account, one per line. Set by operators only."
            lines={value.tenants}
            onChange={(tenants) => set({ tenants })}
          />
        )}
      </div>
    </Section>
  );
}
