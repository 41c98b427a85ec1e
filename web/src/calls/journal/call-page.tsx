import { Accordion, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ButtonLink } from '../../app/button-link.tsx';
import { Empty, Failure } from '../../app/failure.tsx';
import { Page, Section } from '../../app/page.tsx';
import { isStatus } from '../../api/problem.ts';
import type { CallDetail, CallParty } from '../../api/types.ts';
import { Layers } from '../../decisions/layers.tsx';
import { VerdictBadge } from '../../decisions/verdict.tsx';
import { DirectionMark } from '../../recordings/direction.tsx';
import { Fact } from '../../recordings/facts.tsx';
import recording from '../../recordings/recording.module.css';
import { useMay } from '../../session/session.ts';
import { ChevronLeftIcon, PhoneIcon } from '../../theme/icons.tsx';
import { endWords, eventWords, partyLines, protocolWords, twoSides } from '../../words/call.ts';
import { madeBy } from '../../words/asking.ts';
import { clockExact, clockSeconds, length, moment, roundedLength, spokenLength } from '../../words/time.ts';
import { exampleOf } from '../../policy/explain/example.ts';
import { HeldChoice } from './held.tsx';
import { callQuery } from './queries.ts';
import { callPartyName } from './table.tsx';

const route = getRouteApi('/inside/calls/$callId');

/** One call of the past: what became of it, its recordings, and every decision with its reasons. */
export function CallPage() {
  const { callId } = route.useParams();
  const query = useQuery(callQuery(callId));
  if (query.data !== undefined) return <Loaded key={callId} call={query.data} />;
  return (
    <Page title="Call" above={<BackLink />}>
      {query.isPending && <Skeleton height={260} radius="md" role="status" aria-label="Loading the call" />}
      {query.isError &&
        (isStatus(query.error, 404, 400) ? (
          <Empty icon={<PhoneIcon size={22} />} title="There is no such call">
            <p>It runs still, is no longer kept in the journal, or you may not see it.</p>
          </Empty>
        ) : (
          <Failure title="The call could not be loaded" error={query.error} retry={() => void query.refetch()} />
        ))}
    </Page>
  );
}

function BackLink() {
  return (
    <Link to="/calls" className={recording.back}>
      <ChevronLeftIcon size={16} />
      Calls
    </Link>
  );
}

function Loaded({ call }: { readonly call: CallDetail }) {
  const { caller, callee, more } = twoSides<CallParty>(call.parties);
  const title = `${callPartyName(caller)} to ${callPartyName(callee)}${more > 0 ? ` and ${more} more` : ''}`;
  const lasted = Date.parse(call.endedAt) - Date.parse(call.startedAt);
  return (
    <Page
      title={title}
      tabTitle={`${title}, call`}
      above={<BackLink />}
      lead={`${moment(call.startedAt)} · ${roundedLength(lasted)}`}
    >
      <Section title="What became of it">
        <p className={recording.verdictLine}>
          <VerdictBadge verdict={call.verdict} size="lg" />
          <span>{call.reason}</span>
        </p>
        <HeldChoice call={call} />
        <Recordings call={call} />
      </Section>
      <Why call={call} />
      <div className={recording.facts}>
        <Parties call={call} />
        <Facts call={call} lasted={lasted} />
      </div>
      <Events call={call} />
    </Page>
  );
}

function Recordings({ call: { recordings } }: { readonly call: CallDetail }) {
  if (recordings.length === 0) return <p className={recording.soft}>There is no recording of it.</p>;
  return (
    <ul className={recording.related} id="recordings" aria-label="Recordings of this call">
      {recordings.map((one, i) => (
        <li key={one.id}>
          <Link to="/recordings/$id" params={{ id: one.id }}>
            Recording {one.recordId}
            {recordings.length > 1 && `, part ${i + 1} of ${recordings.length}`}
          </Link>
          <span className={recording.soft}>
            {madeBy(one.by, one.asker)} · {roundedLength(one.durationMs)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The last decision at once; earlier ones, of transfers and commands, on request. */
function Why({ call }: { readonly call: CallDetail }) {
  const may = useMay();
  const last = call.moments.at(-1);
  const earlier = call.moments.slice(0, -1);
  if (last === undefined) return null;
  return (
    <Section
      title="Why"
      note={
        last.settingsVersion === 0
          ? 'No settings were readable at that time.'
          : `Decided by version ${last.settingsVersion} of the settings${earlier.length > 0 ? `, for the last time after ${length(last.offsetMs)}` : ''}.`
      }
      actions={
        may('directory.read') &&
        may('explain') &&
        call.accountId !== '' && (
          <ButtonLink
            to="/accounts/$accountId/explain"
            params={{ accountId: call.accountId }}
            search={exampleOf(call)}
            variant="default"
            size="xs"
          >
            Try it with today’s settings
          </ButtonLink>
        )
      }
    >
      <Layers layers={last.layers} />
      {earlier.length > 0 && (
        <Accordion mt="md" variant="contained" aria-label="Earlier decisions">
          {earlier.map((one, i) => (
            <Accordion.Item key={i} value={String(i)}>
              <Accordion.Control>
                <span className={recording.earlier}>
                  After {length(one.offsetMs)} <VerdictBadge verdict={one.verdict} />
                </span>
              </Accordion.Control>
              <Accordion.Panel>
                <Layers layers={one.layers} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Section>
  );
}

const ROLES = { caller: 'Caller', callee: 'Callee', unknown: 'Party' } as const;

function Parties({ call: { parties } }: { readonly call: CallDetail }) {
  return (
    <Section title="Parties">
      {parties.length === 0 && <p className={recording.soft}>Nobody was named in the call’s signalling.</p>}
      <ul className={recording.parties}>
        {parties.map((party, i) => {
          const { main, sub } = partyLines(party);
          return (
            <li key={i}>
              <span className={recording.partyWords}>
                <span className={recording.strong}>{party.userName ?? main}</span>
                <span className={recording.soft}>
                  {[
                    party.userName === null ? 'not a known user' : 'user',
                    party.userName === null ? sub : (sub ?? main),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </span>
              <span className={recording.role}>{ROLES[party.role]}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

const OWNERS = {
  user: 'The user',
  'catch-all': 'The catch-all user',
  unassigned: 'Nobody; it is listed as unassigned',
  discard: 'Nobody; such calls are discarded',
} as const;

function Facts({ call, lasted }: { readonly call: CallDetail; readonly lasted: number }) {
  const { owner } = call;
  return (
    <Section title="Call">
      <dl className={recording.list}>
        <Fact label="Direction">
          <DirectionMark direction={call.direction} />
        </Fact>
        <Fact label="Length">{spokenLength(lasted)}</Fact>
        <Fact label="Ended">
          {clockSeconds(call.endedAt)}. {endWords(call.endReason)}
        </Fact>
        <Fact label="Way in">
          {protocolWords(call.protocol)}, trunk {call.trunk}
        </Fact>
        <Fact label="Belongs to">{owner.name ?? (owner.kind === null ? 'Not known' : OWNERS[owner.kind])}</Fact>
        {Object.entries(call.vendorIds).map(([name, id]) => (
          <Fact key={name} label={name}>
            <span className={recording.mono}>{id}</span>
          </Fact>
        ))}
      </dl>
    </Section>
  );
}

function Events({ call }: { readonly call: CallDetail }) {
  const { events } = call;
  if (events.length === 0) return null;
  return (
    <Section title="Events">
      <ol className={recording.timeline}>
        {events.map((event, i) => (
          <li key={i}>
            <span className={recording.offset}>{length(Date.parse(event.at) - Date.parse(call.startedAt))}</span>
            <div>
              <span className={recording.strong}>{eventWords(event.type)}</span>
              <p>{event.text}</p>
            </div>
            <time dateTime={event.at} className={recording.soft}>
              {clockExact(event.at)}
            </time>
          </li>
        ))}
      </ol>
    </Section>
  );
}
