import { ActionIcon, Button, Kbd, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { CloseIcon, FilterIcon, SearchIcon } from '../theme/icons.tsx';
import { DIRECTION_WORDS, DIRECTIONS } from '../words/call.ts';
import { shortcutsOn } from '../player/shortcuts.ts';
import classes from './filter-bar.module.css';
import { PERIODS, withChange, type Filters, type Period } from './filters.ts';
import { MoreFilters } from './more-filters.tsx';

/** The list's filters; the address bar is their only memory, so that a view can be kept and sent. */
export function FilterBar({ filters }: { readonly filters: Filters }) {
  const navigate = useNavigate();
  const details = useId();
  const hidden = ['from', 'to', 'number', 'min', 'max', 'unassigned'] as const;
  const used = hidden.filter((key) => filters[key] !== undefined).length;
  const [open, setOpen] = useState(used > 0);
  const change = (next: Parameters<typeof withChange>[1], replace = false): void => {
    void navigate({ to: '/', search: withChange(filters, next), replace, resetScroll: false });
  };
  const custom = filters.from !== undefined || filters.to !== undefined;
  return (
    <search className={classes.bar} aria-label="Recordings">
      <div className={classes.row}>
        <SearchBox text={filters.q ?? ''} onChange={(q) => change({ q: q === '' ? undefined : q }, true)} />
        <NativeSelect
          aria-label="Time"
          value={custom ? 'custom' : (filters.period ?? '')}
          onChange={({ currentTarget: { value } }) => {
            if (value === 'custom') setOpen(true);
            else change({ period: value === '' ? undefined : (value as Period), from: undefined, to: undefined });
          }}
          data={[
            { value: '', label: 'Any time' },
            ...Object.entries(PERIODS).map(([value, label]) => ({ value, label })),
            { value: 'custom', label: 'Between two days' },
          ]}
        />
        <NativeSelect
          aria-label="Direction"
          value={filters.direction ?? ''}
          onChange={({ currentTarget: { value } }) =>
            change({ direction: DIRECTIONS.find((direction) => direction === value) })
          }
          data={[
            { value: '', label: 'Any direction' },
            ...DIRECTIONS.map((value) => ({ value, label: DIRECTION_WORDS[value] })),
          ]}
        />
        <Button
          variant="default"
          leftSection={<FilterIcon />}
          aria-expanded={open}
          aria-controls={details}
          onClick={() => setOpen(!open)}
        >
          More filters{used > 0 ? ` (${used})` : ''}
        </Button>
        {Object.keys(filters).length > 0 && (
          <Button variant="subtle" onClick={() => void navigate({ to: '/', search: {}, resetScroll: false })}>
            Clear all
          </Button>
        )}
      </div>
      <div id={details} hidden={!open}>
        {open && <MoreFilters filters={filters} onChange={change} />}
      </div>
    </search>
  );
}

/** Searches while you type; `/` goes here from anywhere on the page, Escape empties it. */
function SearchBox({ text, onChange }: { readonly text: string; readonly onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const input = useRef<HTMLInputElement>(null);
  const search = useDebouncedCallback((value: string) => onChange(value.trim()), 250);
  useHotkeys([['/', () => shortcutsOn() && input.current?.focus()]]);
  useEffect(() => {
    // The address changed by other means: back, "clear all", a link.
    if (document.activeElement !== input.current || text === '') setTyped(text);
  }, [text]);
  const set = (value: string): void => {
    setTyped(value);
    search(value);
  };
  return (
    <TextInput
      ref={input}
      className={classes.search ?? ''}
      type="text"
      inputMode="search"
      enterKeyHint="search"
      aria-label="Search names, numbers and call ids"
      placeholder="Search names, numbers, call ids"
      maxLength={200}
      value={typed}
      onChange={({ currentTarget: { value } }) => set(value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed !== '') set('');
        if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('[data-row-link]')?.focus();
      }}
      leftSection={<SearchIcon />}
      rightSection={
        typed === '' ? (
          <Kbd size="xs" aria-hidden="true" className={classes.key ?? ''}>
            /
          </Kbd>
        ) : (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Empty the search box"
            onClick={() => {
              set('');
              input.current?.focus();
            }}
          >
            <CloseIcon size={16} />
          </ActionIcon>
        )
      }
    />
  );
}
