import { Button, Menu } from '@mantine/core';
import type { LiveCall } from '../../api/types.ts';
import { ChevronDownIcon, CheckIcon, DeleteIcon, PauseIcon, PlayIcon } from '../../theme/icons.tsx';
import { useControl, type Action } from './control.ts';
import classes from './controls.module.css';

/** Reasons that are at hand; any other stands in the API's reach. */
const REASONS = ['Payment card data', 'Health data', 'Private matter'] as const;

interface Props {
  readonly call: LiveCall;
  /** For the person who is in the call: big enough to hit without looking. */
  readonly isBig?: boolean;
}

/** What one may do in a running call, and nothing else. */
export function Controls({ call, isBig = false }: Props) {
  const control = useControl(call.callId);
  const { abilities } = call;
  const size = isBig ? 'xl' : 'sm';
  const act = (action: Action, reason?: string): void =>
    control.mutate(reason === undefined ? { action } : { action, reason });
  const busy = (action: Action) => ({
    loading: control.isPending && control.variables.action === action,
    disabled: control.isPending && control.variables.action !== action,
  });
  const { start, stop, pause, resume, keep, drop } = abilities;
  if (!start && !stop && !pause && !resume && !keep && !drop) return null;
  return (
    <div className={classes.controls} data-big={isBig || undefined} role="group" aria-label="Recording of this call">
      {start && (
        <Button
          size={size}
          variant="default"
          leftSection={<span className={classes.disc} aria-hidden="true" />}
          onClick={() => act('start')}
          {...busy('start')}
        >
          Record
        </Button>
      )}
      {stop && (
        <Button
          size={size}
          variant="default"
          leftSection={<span className={classes.square} aria-hidden="true" />}
          onClick={() => act('stop')}
          {...busy('stop')}
        >
          Stop
        </Button>
      )}
      {pause && (
        <Button.Group>
          <Button
            size={size}
            variant="default"
            leftSection={<PauseIcon size={isBig ? 22 : 16} />}
            onClick={() => act('pause')}
            {...busy('pause')}
          >
            Pause
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size={size} px={isBig ? 14 : 8} variant="default" aria-label="Pause, with a reason">
                <ChevronDownIcon size={16} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {REASONS.map((reason) => (
                <Menu.Item key={reason} onClick={() => act('pause', reason)}>
                  {reason}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
      )}
      {resume && (
        <Button
          size={size}
          leftSection={<PlayIcon size={isBig ? 22 : 16} />}
          onClick={() => act('resume')}
          {...busy('resume')}
        >
          Go on
        </Button>
      )}
      {keep && (
        <Button size={size} leftSection={<CheckIcon size={16} />} onClick={() => act('keep')} {...busy('keep')}>
          Keep this call
        </Button>
      )}
      {drop && (
        <Button
          size={size}
          variant="default"
          leftSection={<DeleteIcon size={16} />}
          onClick={() => act('drop')}
          {...busy('drop')}
        >
          Drop
        </Button>
      )}
    </div>
  );
}
