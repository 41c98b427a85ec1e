/** What a process that stands by says when it has loaded all it needs, and what it is told when its turn comes. */
export const LOADED = 'loaded';
export const TAKE_OVER = 'take-over';
