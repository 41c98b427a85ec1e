import { describe, expect, it } from 'vitest';
import { MemoryFiles } from './memory-files.ts';
import { readingAhead } from './read-ahead.ts';
