/** State machines as tables: what the machines of this room have in common. */
export interface Step<State extends string, Action extends string> {
  readonly next: State;
  readonly actions: readonly Action[];
}

/** An event that is missing in a state's row cannot happen there. */
export type Table<State extends string, Event extends string, Action extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, Step<State, Action>>>>>
>;

/** An event that cannot happen in this state: a defect of the caller, never of the peer. */
export class IllegalTransition extends Error {
  constructor(machine: string, state: string, event: string) {
    super(`${machine}: "${event}" cannot happen in state "${state}"`);
    this.name = 'IllegalTransition';
  }
}

/** @throws IllegalTransition */
export function lookUp<State extends string, Event extends string, Action extends string>(
  machine: string,
  table: Table<State, Event, Action>,
  state: State,
  event: Event,
): Step<State, Action> {
  const step = table[state][event];
  if (step === undefined) throw new IllegalTransition(machine, state, event);
  return step;
}

/** Shorthand for the rows of a table. */
export function to<State extends string, Action extends string>(
  next: State,
  ...actions: Action[]
): Step<State, Action> {
  return { next, actions };
}
