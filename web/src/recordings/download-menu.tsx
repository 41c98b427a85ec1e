import { Button, Menu } from '@mantine/core';
import { audioAddress } from '../api/client.ts';
import type { RecordingDetail } from '../api/types.ts';
import { ChevronDownIcon, DownloadIcon } from '../theme/icons.tsx';
import classes from './recording.module.css';

/** Every form in which the audio can be taken away; each download stands in the audit log. */
export function DownloadMenu({ recording }: { readonly recording: RecordingDetail }) {
  const original = recording.container === 'flac' ? 'FLAC' : 'WAV';
  const forms = [
    ['mp3', 'MP3', 'Small, plays everywhere'],
    ['opus', 'Opus', 'Smallest, made for speech'],
    ['wav', 'WAV, 16 bit', 'Plays everywhere, large'],
    ['original', `Original (${original})`, 'As it was stored, bit for bit'],
    ['ul', 'Raw µ-law (.ul)', '8 kHz, both sides in one'],
  ] as const;
  return (
    <Menu position="top-end" width={250} shadow="md">
      <Menu.Target>
        <Button size="xs" leftSection={<DownloadIcon size={16} />} rightSection={<ChevronDownIcon size={14} />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {forms.map(([format, name, note]) => (
          <Menu.Item key={format} component="a" href={audioAddress(recording.id, format, true)} download>
            <span className={classes.form}>
              <span className={classes.strong}>{name}</span>
              <span className={classes.soft}>{note}</span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
