import { defineConfig } from 'vitest/config';

/** What measures no times, and may run beside others. */
const SIDE_BY_SIDE = [
  'test/e2e/{client,policy-client,policy,directory,ldap,outage,secrecy,start-errors,ways-to-run}.test.ts',
  'test/e2e/srtp/*.test.ts',
  'test/attack/{demands,hostile-text,hostile-browser}.test.ts',
];

export default defineConfig({
  test: {
    // Both receivers are tested wherever there is a C compiler.
    globalSetup: './scripts/build-native.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'bench/*.test.ts', 'test/walls.test.ts'],
          testTimeout: 15_000,
          // Vitest leaves a processor free, which is half of a small machine.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'side-by-side',
          include: SIDE_BY_SIDE,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: SIDE_BY_SIDE,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'attack',
          include: ['test/attack/**/*.test.ts'],
          exclude: SIDE_BY_SIDE,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
