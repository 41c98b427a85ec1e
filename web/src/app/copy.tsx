import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core';
import { CheckIcon, CopyIcon } from '../theme/icons.tsx';

/** Puts a text on the clipboard and says so. */
export function CopyText({
  text,
  what,
  labelled = false,
}: {
  readonly text: string;
  readonly what: string;
  readonly labelled?: boolean;
}) {
  return (
    <CopyButton value={text} timeout={2000}>
      {({ copied, copy }) =>
        labelled ? (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
          >
            {copied ? 'Copied' : `Copy ${what}`}
          </Button>
        ) : (
          <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              c="inherit"
              onClick={copy}
              aria-label={copied ? 'Copied' : `Copy ${what}`}
            >
              {copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
            </ActionIcon>
          </Tooltip>
        )
      }
    </CopyButton>
  );
}
