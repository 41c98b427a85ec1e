import type { ReactNode } from 'react';
import { Section } from '../../app/page.tsx';
import type { Explanation } from '../../api/types.ts';
import { Layers } from '../../decisions/layers.tsx';
import { VerdictBadge } from '../../decisions/verdict.tsx';
import { useNames } from '../../directory/queries.ts';
import type { Retention } from '../../directory/types.ts';
import { DirectionMark } from '../../recordings/direction.tsx';
import recording from '../../recordings/recording.module.css';
import { Fact } from '../../recordings/facts.tsx';
import { fromCode, layerWords } from '../../words/call.ts';
import { keptWords, lasting } from '../../words/duration.ts';
import { counted } from '../../words/numbers.ts';
import { controlWords } from '../../words/policy.ts';

interface Props {
  readonly accountId: string;
  readonly explanation: Explanation;
}

/** What would become of the call: verdict, layers, who is who, on which terms, who may do what. */
export function ExplanationPanel({ accountId, explanation }: Props) {
  const { verdict, summary, layers, parties } = explanation;
  return (
    <>
      <Section title="What would happen">
        <p className={recording.verdictLine} data-testid="explained">
          <VerdictBadge verdict={verdict} size="lg" />
          <span>{summary}</span>
        </p>
        <dl className={recording.list}>
          {parties.map((party) => (
            <Fact key={party.id} label={party.id === 'from' ? 'Caller' : 'Called'}>
              {partyWords(party)}
            </Fact>
          ))}
          <Terms explanation={explanation} />
        </dl>
      </Section>
      <Section title="Why" note="The word of every layer, first to last.">
        <Layers layers={layers} />
      </Section>
      <Section title="Who may do what during the call">
        <Controls accountId={accountId} controls={explanation.controls} />
      </Section>
    </>
  );
}

const SIDES = { internal: 'internal', external: 'from outside', unknown: 'unknown side' } as const;

function partyWords({ number, side, userName, by }: Explanation['parties'][number]): string {
  const who = userName ?? number ?? 'Nobody is named';
  const how = by === null ? '' : `, known by ${fromCode(by).toLowerCase()}`;
  return `${who}${userName !== null && number !== null ? ` (${number})` : ''}, ${SIDES[side]}${how}`;
}

const SCOPES = {
  call: 'To the end of the call',
  'external-party': 'While the outside party is in it',
  endpoint: 'While the user who asked for it is in it',
} as const;

function Terms({ explanation: { terms, verdict } }: { readonly explanation: Explanation }) {
  const isRecorded = verdict === 'record';
  return (
    <>
      <Fact label="Direction">
        <DirectionMark direction={terms.direction} />
      </Fact>
      {terms.asks.length > 0 && (
        <Fact label="Asked for by">
          {terms.asks
            .map(
              ({ layer, name, isSilenced }) =>
                `${name} (${layerWords(layer).toLowerCase()}${isSilenced ? ', without effect' : ''})`,
            )
            .join(', ')}
        </Fact>
      )}
      {isRecorded && terms.scope !== null && <Fact label="How long">{SCOPES[terms.scope]}</Fact>}
      {terms.longestSeconds !== null && <Fact label="At most">{lasting(terms.longestSeconds)}</Fact>}
      {isRecorded && terms.retention !== null && <Fact label="Kept">{keptWords(terms.retention as Retention)}</Fact>}
      {terms.liveKeepMinutes !== null && (
        <Fact label="Held">
          And destroyed unless somebody asks within {counted(terms.liveKeepMinutes, 'minute')} after the end
        </Fact>
      )}
    </>
  );
}

function Controls({ accountId, controls }: { readonly accountId: string; readonly controls: Explanation['controls'] }) {
  const all = Object.entries(controls);
  const names = useNames(accountId, 'users', [...new Set(all.flatMap(([, { userIds }]) => userIds))]);
  return (
    <dl className={recording.list}>
      {all.map(([control, { by, userIds }]) => (
        <Fact key={control} label={controlWords(control)}>
          {whoWords(by, userIds, names)}
        </Fact>
      ))}
    </dl>
  );
}

function whoWords(
  by: 'nobody' | 'administrators' | 'users',
  userIds: readonly string[],
  names: ReadonlyMap<string, string>,
): ReactNode {
  if (by === 'nobody') return 'Nobody';
  if (by === 'administrators') return 'Administrators';
  if (userIds.length === 0) return 'Users in the call, and administrators';
  return `${userIds.map((id) => names.get(id) ?? '…').join(', ')}, and administrators`;
}
