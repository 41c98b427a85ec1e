import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { MixGraph } from './graph.ts';

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

export interface PlayerState {
  readonly playing: boolean;
  /** Waits for bytes. */
  readonly waiting: boolean;
  readonly failed: boolean;
  readonly speed: number;
  /** 0 to 1. */
  readonly volume: number;
  readonly muted: readonly boolean[];
  /** Each party in an ear of its own, instead of both in both. */
  readonly apart: boolean;
}

export interface Player extends PlayerState {
  readonly audio: RefObject<HTMLAudioElement | null>;
  readonly durationMs: number;
  readonly toggle: () => void;
  /** To this place, ms. */
  readonly seek: (ms: number) => void;
  readonly skip: (ms: number) => void;
  readonly faster: (step: 1 | -1) => void;
  readonly setSpeed: (speed: number) => void;
  readonly setVolume: (volume: number) => void;
  readonly toggleMute: (channel: number) => void;
  readonly muteAll: () => void;
  readonly unmute: () => void;
  readonly setApart: (apart: boolean) => void;
  readonly retry: () => void;
  readonly position: () => number;
}

const REMEMBERED = 'earshot-player';

interface Remembered {
  readonly speed?: number;
  readonly volume?: number;
  readonly apart?: boolean;
}

function remembered(): Remembered {
  try {
    const value: unknown = JSON.parse(window.localStorage.getItem(REMEMBERED) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** State of one recording's playback over an audio element, which the caller renders with `audio` as its ref. */
export function usePlayer(durationMs: number, channels: number): Player {
  const audio = useRef<HTMLAudioElement>(null);
  const graph = useRef<MixGraph | null>(null);
  const [state, setState] = useState<PlayerState>(() => {
    const { speed = 1, volume = 1, apart = true } = remembered();
    const isSpeed = SPEEDS.some((known) => known === speed);
    return {
      playing: false,
      waiting: false,
      failed: false,
      speed: isSpeed ? speed : 1,
      volume: volume >= 0 && volume <= 1 ? volume : 1,
      muted: Array.from({ length: channels }, () => false),
      apart,
    };
  });
  const change = useCallback((next: Partial<PlayerState>) => setState((now) => ({ ...now, ...next })), []);

  useElementEvents(audio, change);
  useEffect(() => {
    const element = audio.current;
    if (element === null) return;
    element.playbackRate = state.speed;
    element.volume = state.volume;
    graph.current?.set(state.muted, state.apart);
    const { speed, volume, apart } = state;
    window.localStorage.setItem(REMEMBERED, JSON.stringify({ speed, volume, apart } satisfies Remembered));
  }, [state]);
  useEffect(
    () => () => {
      graph.current?.close();
      graph.current = null;
    },
    [],
  );

  const position = useCallback((): number => (audio.current?.currentTime ?? 0) * 1000, []);
  const seek = useCallback(
    (ms: number): void => {
      if (audio.current !== null) audio.current.currentTime = Math.max(0, Math.min(durationMs, ms)) / 1000;
    },
    [durationMs],
  );
  const toggle = (): void => {
    const element = audio.current;
    if (element === null) return;
    if (!element.paused) {
      element.pause();
      return;
    }
    graph.current ??= new MixGraph(element, channels);
    graph.current.set(state.muted, state.apart);
    void graph.current.resume();
    if (element.ended) element.currentTime = 0;
    element.play().catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'AbortError')) change({ failed: true, playing: false });
    });
  };
  const mute = (muted: readonly boolean[]): void => change({ muted });
  return {
    ...state,
    audio,
    durationMs,
    toggle,
    seek,
    position,
    skip: (ms) => seek(position() + ms),
    faster: (step) => change({ speed: nextSpeed(state.speed, step) }),
    setSpeed: (speed) => change({ speed }),
    setVolume: (volume) => change({ volume: Math.max(0, Math.min(1, volume)) }),
    toggleMute: (channel) => mute(state.muted.map((isMuted, i) => (i === channel ? !isMuted : isMuted))),
    muteAll: () => mute(state.muted.map(() => !state.muted.every(Boolean))),
    unmute: () => mute(state.muted.map(() => false)),
    setApart: (apart) => change({ apart }),
    retry: () => {
      change({ failed: false });
      audio.current?.load();
    },
  };
}

function nextSpeed(speed: number, step: 1 | -1): number {
  const at = SPEEDS.findIndex((known) => known === speed);
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + step))] ?? 1;
}

function useElementEvents(
  audio: RefObject<HTMLAudioElement | null>,
  change: (next: Partial<PlayerState>) => void,
): void {
  useEffect(() => {
    const element = audio.current;
    if (element === null) return undefined;
    const stop = new AbortController();
    const on = (type: string, next: () => Partial<PlayerState>): void =>
      element.addEventListener(type, () => change(next()), { signal: stop.signal });
    on('play', () => ({ playing: true }));
    on('pause', () => ({ playing: false, waiting: false }));
    on('ended', () => ({ playing: false, waiting: false }));
    on('waiting', () => ({ waiting: true }));
    on('playing', () => ({ waiting: false, failed: false }));
    on('canplay', () => ({ waiting: false }));
    on('error', () => ({ failed: element.error !== null, playing: false, waiting: false }));
    return () => stop.abort();
  }, [audio, change]);
}
