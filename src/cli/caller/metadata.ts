export interface TestParty {
  readonly name: string;
  readonly aor: string;
}

/**
 * Complete recording metadata (RFC 7865) of a call between two parties: the first speaks on the stream labelled 1, the second on 2.
 * `id` makes the identifiers unique.
 */
export function callMetadata(id: string, caller: TestParty, callee: TestParty, startedAt: Date): string {
  const time = startedAt.toISOString();
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<recording xmlns="urn:ietf:params:xml:ns:recording:1">',
    '  <datamode>complete</datamode>',
    `  <group group_id="group-${id}"><associate-time>${time}</associate-time></group>`,
    `  <session session_id="session-${id}"><sipSessionID>${id}</sipSessionID><group-ref>group-${id}</group-ref><start-time>${time}</start-time></session>`,
    participant(`caller-${id}`, caller),
    participant(`callee-${id}`, callee),
    `  <stream stream_id="stream1-${id}" session_id="session-${id}"><label>1</label></stream>`,
    `  <stream stream_id="stream2-${id}" session_id="session-${id}"><label>2</label></stream>`,
    `  <sessionrecordingassoc session_id="session-${id}"><associate-time>${time}</associate-time></sessionrecordingassoc>`,
    association(`caller-${id}`, `session-${id}`, `stream1-${id}`, `stream2-${id}`, time),
    association(`callee-${id}`, `session-${id}`, `stream2-${id}`, `stream1-${id}`, time),
    '</recording>',
    '',
  ].join('\r\n');
}

function participant(id: string, party: TestParty): string {
  return `  <participant participant_id="${id}"><nameID aor="${escape(party.aor)}"><name xml:lang="en">${escape(party.name)}</name></nameID></participant>`;
}

function association(party: string, session: string, sends: string, receives: string, time: string): string {
  return [
    `  <participantsessionassoc participant_id="${party}" session_id="${session}"><associate-time>${time}</associate-time></participantsessionassoc>`,
    `  <participantstreamassoc participant_id="${party}"><send>${sends}</send><recv>${receives}</recv></participantstreamassoc>`,
  ].join('\r\n');
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
