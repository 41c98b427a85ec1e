import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, redecide } from './decide.ts';
import { explain } from './explain.ts';
import { CALLS, COMPANY, company, CUSTOMER } from './testing.ts';
import type { AccountSettings, CallFacts, EndpointSwitches, PartyFacts, RuleSettings } from './types.ts';

const onOff = fc.option(fc.constantFrom('on' as const, 'off' as const), { nil: undefined });
const switches: fc.Arbitrary<EndpointSwitches> = fc
  .record({ inboundInternal: onOff, inboundExternal: onOff, outboundInternal: onOff, outboundExternal: onOff })
  .map((cells) => Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== undefined)));

const rule: fc.Arbitrary<RuleSettings> = fc
  .record({
    id: fc.uuid(),
    isOn: fc.boolean(),
    mode: fc.constantFrom('automatic' as const, 'manual' as const),
    roleId: fc.constantFrom(undefined, 'sellers', 'bobs', 'gone'),
    direction: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
    origin: fc.constantFrom('internal' as const, 'external' as const, 'both' as const),
    scope: fc.constantFrom('call' as const, 'external-party' as const, 'endpoint' as const),
    deliveries: fc.uniqueArray(fc.constantFrom('mail', 'script', 'export')),
  })
  .map(({ roleId, deliveries, ...rest }) => ({
    ...rest,
    description: `Rule ${rest.id}`,
    ...(roleId === undefined ? {} : { roleId }),
    handling: { deliveries },
  }));

const rules = fc.uniqueArray(rule, { maxLength: 8, selector: (one) => one.id });

const account: fc.Arbitrary<Partial<AccountSettings>> = fc.record({
  rules,
  endpoints: switches,
  entire: switches,
  users: switches.map((endpoints) =>
    COMPANY.users!.map((user) => (user.id === 'alice' ? { ...user, endpoints } : user)),
  ),
  filters: fc.record({
    direction: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
    traffic: fc.constantFrom('internal' as const, 'external' as const, 'both' as const),
    exclusions: fc.array(
      fc.constantFrom('7100', '8!', '10..', CUSTOMER).map((pattern) => ({ pattern })),
      { maxLength: 2 },
    ),
  }),
  onDemand: fc.record({
    isAllowed: fc.boolean(),
    isOn: fc.boolean(),
    who: fc.constantFrom('everybody' as const, 'rules' as const),
  }),
  unassigned: fc.constantFrom({ to: 'list' } as const, { to: 'discard' } as const),
});

const party: fc.Arbitrary<PartyFacts> = fc
  .record({
    number: fc.constantFrom('1001', '1002', '1003', '7100', '2000', CUSTOMER, 'anonymous', ''),
    role: fc.constantFrom(undefined, 'caller' as const, 'callee' as const),
  })
  .map(({ number, role }) => ({ id: `p-${number}`, number, ...(role === undefined ? {} : { role }) }));

const facts: fc.Arbitrary<CallFacts> = fc.record({
  trunk: fc.constant('sbc'),
  parties: fc.uniqueArray(party, { maxLength: 3, selector: (one) => one.id }),
  direction: fc.constantFrom('IN' as const, 'OUT' as const, 'INTERNAL' as const, 'UNKNOWN' as const),
  vendorIds: fc.constant({}),
  dialled: fc.constantFrom('+4930555100', '2000', '4711'),
});

describe('properties of every decision', () => {
  it('is the same for any order of rules', () => {
    fc.assert(
      fc.property(account, facts, fc.infiniteStream(fc.nat()), (changes, call, dice) => {
        const shuffled = changes.rules!.map((one) => ({ one, at: dice.next().value! })).sort((a, b) => a.at - b.at);
        const other = { ...changes, rules: shuffled.map(({ one }) => one) };
        expect(decide(call, company(other))).toEqual(decide(call, company(changes)));
      }),
      { numRuns: 200 },
    );
  });

  it('deny always wins, at set-up and afterwards, and leaves no control', () => {
    fc.assert(
      fc.property(
        account,
        facts,
        facts,
        fc.constantFrom('auto', 'force', 'manual', undefined),
        (changes, call, next, then) => {
          const denied = decide({ ...call, override: 'deny' }, company(changes));
          const later = redecide(denied, then === undefined ? next : { ...next, override: then }, company(changes));
          expect([denied.verdict, later.verdict]).toEqual(['forbid', 'forbid']);
          expect(Object.values(later.controls).every((control) => control.by === 'nobody')).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('adding a rule never turns a recording off, nor shortens it, nor takes a delivery away', () => {
    fc.assert(
      fc.property(account, facts, rule, (changes, call, added) => {
        const before = decide(call, company(changes));
        const after = decide(call, company({ ...changes, rules: [...changes.rules!, added] }));
        fc.pre(before.verdict === 'record');
        expect(after.verdict).toBe('record');
        expect(after.deliveries).toEqual(expect.arrayContaining([...before.deliveries]));
      }),
      { numRuns: 300 },
    );
  });

  it('an endpoint that is turned off silences nothing but endpoints', () => {
    fc.assert(
      fc.property(account, facts, (changes, call) => {
        const off = {
          inboundInternal: 'off',
          inboundExternal: 'off',
          outboundInternal: 'off',
          outboundExternal: 'off',
        } as const;
        const others = (one: Partial<AccountSettings>) =>
          decide(call, company(one)).asks.filter((ask) => ask.layer !== 'endpoint');
        const silent = {
          ...changes,
          endpoints: off,
          users: changes.users!.map((user) => ({ ...user, endpoints: off })),
        };
        expect(others(silent)).toEqual(others(changes));
      }),
      { numRuns: 200 },
    );
  });

  it('deciding again without a change decides the same', () => {
    fc.assert(
      fc.property(account, facts, (changes, call) => {
        const first = decide(call, company(changes));
        const again = redecide(first, call, company(changes));
        expect(again.verdict).toBe(first.verdict);
        expect(again.asks).toEqual(first.asks);
      }),
      { numRuns: 200 },
    );
  });

  it('every decision has a word for each layer, in whole sentences, and says why in a line each', () => {
    fc.assert(
      fc.property(account, facts, (changes, call) => {
        const decision = decide(call, company(changes));
        for (const { why } of decision.layers) expect(why).toMatch(/^\S.*[.]$/);
        const layers = new Set(decision.layers.map((word) => word.layer));
        for (const layer of [
          'identity',
          'override',
          'exclusion',
          'filter',
          'queue',
          'account',
          'endpoint',
          'number',
          'manual',
          'owner',
        ]) {
          expect(layers).toContain(layer);
        }
        expect(explain(decision).length).toBeGreaterThan(decision.layers.length);
      }),
      { numRuns: 100 },
    );
  });

  it('never throws, whatever the signalling says', () => {
    const text = fc.option(fc.string({ maxLength: 80 }), { nil: undefined });
    const wild = fc.record({
      id: fc.string(),
      name: text,
      number: text,
      aor: text,
      user: text,
      device: text,
      agent: text,
    });
    const anything = fc.record({
      trunk: fc.string(),
      parties: fc.array(wild, { maxLength: 4 }),
      direction: fc.constantFrom('IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN'),
      vendorIds: fc.constant({}),
      override: text,
      dialled: text,
      presented: text,
      pilot: text,
      queue: text,
      tenants: fc.array(fc.string(), { maxLength: 2 }),
    });
    const settings = {
      ...company({ rules: [{ id: 'all', description: 'All', isOn: true, mode: 'automatic' }] }),
      accounts: [...company().accounts, { ...COMPANY, id: 'other', tenants: ['x'] }],
    };
    fc.assert(
      fc.property(anything, (wildFacts) => {
        const call = JSON.parse(JSON.stringify(wildFacts)) as CallFacts;
        const decision = decide(call, settings);
        expect(redecide(decision, CALLS.in, settings).layers.length).toBeGreaterThan(0);
        expect(redecide(decide(CALLS.in, settings), call, settings).layers.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
