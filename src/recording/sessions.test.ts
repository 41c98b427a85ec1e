import { expect, it } from 'vitest';
import type { RecordedCall } from './call/call.ts';
import { Sessions } from './sessions.ts';

function leg(sessionId: string, conversationId: string): RecordedCall {
  return { identity: { sessionId, conversationId } } as RecordedCall;
}

it('knows which leg of a conversation is the last to leave', () => {
  const sessions = new Sessions();
  const [first, second, other] = [leg('1', 'a'), leg('2', 'a'), leg('3', 'b')];
  for (const call of [first, second, other]) sessions.add(call);
  expect([...sessions]).toEqual([first, second, other]);
  expect(sessions.leave(first)).toBe(false);
  expect(sessions.leave(first)).toBe(false);
  expect(sessions.leave(leg('2', 'a'))).toBe(false);
  expect(sessions.get('2')).toBe(second);
  expect(sessions.leave(second)).toBe(true);
  expect(sessions.leave(other)).toBe(true);
  expect(sessions.size).toBe(0);
  sessions.add(first);
  expect(sessions.leave(first)).toBe(true);
});
