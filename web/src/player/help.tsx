import { Kbd, Modal, Switch } from '@mantine/core';
import classes from './player.module.css';
import { HELP, setShortcuts, useShortcutsOn } from './shortcuts.ts';

export function ShortcutHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const isOn = useShortcutsOn();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts">
      <dl className={classes.help}>
        {HELP.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="lg"
        label="Use these shortcuts"
        description="Turn them off if you speak to your computer or keys are pressed by chance."
        checked={isOn}
        onChange={({ currentTarget }) => setShortcuts(currentTarget.checked)}
      />
    </Modal>
  );
}
