import { Button } from '@mantine/core';
import { Banner } from '../../app/failure.tsx';
import type { CallDetail } from '../../api/types.ts';
import { ago, moment } from '../../words/time.ts';
import { useControl } from '../live/control.ts';
import recording from '../../recordings/recording.module.css';

/** A call that is held after its end: destroyed in a while, unless somebody asks for it. */
export function HeldChoice({ call }: { readonly call: CallDetail }) {
  const control = useControl(call.id);
  if (call.heldUntil === null) return null;
  return (
    <div className={recording.held}>
      <Banner>
        <strong>It is held until {moment(call.heldUntil)}</strong> ({ago(call.heldUntil)}) and destroyed then, unless
        somebody keeps it.
      </Banner>
      <div className={recording.buttons}>
        {call.abilities.drop && (
          <Button variant="default" loading={control.isPending} onClick={() => control.mutate({ action: 'drop' })}>
            Destroy it now
          </Button>
        )}
        {call.abilities.keep && (
          <Button loading={control.isPending} onClick={() => control.mutate({ action: 'keep' })}>
            Keep it
          </Button>
        )}
      </div>
    </div>
  );
}
