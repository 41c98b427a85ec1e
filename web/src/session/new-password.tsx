import { PasswordInput, Progress } from '@mantine/core';
import { useId, useState } from 'react';
import classes from './new-password.module.css';

/** As the API has it. */
export const PASSWORD_MIN = 10;
const PASSWORD_MAX = 200;

interface Props {
  readonly label: string;
  readonly size?: 'sm' | 'md';
  /** What was wrong with it when it was sent. */
  readonly error?: string | undefined;
}

/** A password that is chosen, twice; the form's fields `password` and `again`. Invalid until both are the same and long enough. */
export function NewPassword({ label, size = 'sm', error }: Props) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [left, setLeft] = useState(false);
  const meter = useId();
  const differs = left && again !== '' && again !== password;
  const strength = strengthOf(password);
  return (
    <>
      <div>
        <PasswordInput
          name="password"
          label={label}
          autoComplete="new-password"
          required
          minLength={PASSWORD_MIN}
          maxLength={PASSWORD_MAX}
          size={size}
          value={password}
          onChange={({ currentTarget: { value } }) => setPassword(value)}
          error={error}
          aria-describedby={meter}
        />
        <Progress value={strength.share} color={strength.color} size={4} mt={8} aria-hidden="true" />
        <p id={meter} className={classes.words}>
          {strength.words}
        </p>
      </div>
      <PasswordInput
        name="again"
        label="The same again"
        autoComplete="new-password"
        required
        maxLength={PASSWORD_MAX}
        size={size}
        value={again}
        onChange={({ currentTarget: { value } }) => setAgain(value)}
        onBlur={() => setLeft(true)}
        ref={(field) => field?.setCustomValidity(again === password ? '' : 'The two passwords differ.')}
        error={differs ? 'The two passwords differ.' : undefined}
      />
    </>
  );
}

interface Strength {
  readonly share: number;
  readonly color: string;
  readonly words: string;
}

/** Length counts most, then how many different characters there are; rules about kinds of characters help nobody. */
function strengthOf(password: string): Strength {
  const length = password.length;
  const different = new Set(password.toLowerCase()).size;
  if (length === 0)
    return { share: 0, color: 'gray', words: `At least ${PASSWORD_MIN} characters. A few words in a row do well.` };
  if (length < PASSWORD_MIN) {
    const missing = PASSWORD_MIN - length;
    return {
      share: 4 * length,
      color: 'red',
      words: `${missing} more ${missing === 1 ? 'character' : 'characters'} needed.`,
    };
  }
  if (different < 6)
    return { share: 45, color: 'orange', words: 'Long enough, but easy to guess: the same few characters.' };
  if (length < 14) return { share: 65, color: 'yellow', words: 'Good. Longer is better.' };
  return { share: 100, color: 'teal', words: 'Strong.' };
}
