export type * from './facts.ts';
export type * from './settings.ts';
export type * from './decision.ts';
