import { notifications } from '@mantine/notifications';
import { RequestFailed } from '../api/problem.ts';

/** Short words at the edge of the window, read out by screen readers. */
export function done(message: string): void {
  notifications.show({ message, autoClose: 4000, closeButtonProps: { 'aria-label': 'Close' } });
}

export function failed(title: string, error: unknown): void {
  notifications.show({
    title,
    message: reasonOf(error),
    color: 'red',
    autoClose: 10_000,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}

/** Why, and what to do about it, in one text. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof RequestFailed)) return 'Something went wrong in this page.';
  return error.remedy === null ? error.message : `${error.message} ${error.remedy}`;
}
