import { CopyText } from '../app/copy.tsx';
import type { RecordingDetail } from '../api/types.ts';
import { bytes, count } from '../words/numbers.ts';
import { Fact } from './facts.tsx';
import classes from './recording.module.css';

/** By what the recording can be proven: its manifest and the sealed object. */
export function IntegrityPanel({ recording }: { readonly recording: RecordingDetail }) {
  const { integrity } = recording;
  const ids = Object.entries(recording.vendorIds);
  return (
    <>
      <p className={classes.intro}>
        The audio is sealed to the owner’s certificate. The manifest holds the hash of it together with parties, events,
        gaps and the decision, and the signed ledger of the node holds the hash of the manifest: a change or a removal
        shows.
      </p>
      <dl className={classes.list}>
        <Fact label="Recording id">
          <Exact text={recording.id} what="the id" />
        </Fact>
        <Fact label="Call id">
          <Exact text={recording.callId} what="the call id" />
        </Fact>
        <Fact label="Manifest">
          <Exact text={integrity.manifestKey} what="the key" />
        </Fact>
        <Fact label="SHA-256 of the manifest">
          <Exact text={integrity.manifestSha256} what="the hash" />
        </Fact>
        <Fact label="Sealed object">
          {integrity.objectKey === null ? (
            'None: no audio arrived'
          ) : (
            <Exact text={integrity.objectKey} what="the key" />
          )}
        </Fact>
        <Fact label="Size">
          {count(integrity.objectBytes)} bytes ({bytes(integrity.objectBytes)})
        </Fact>
        <Fact label="Node">
          <Exact text={integrity.nodeId} what="the node’s id" />
        </Fact>
      </dl>
      {ids.length > 0 && (
        <>
          <h3 className={classes.subtitle}>Ids of the call at your phone system</h3>
          <dl className={classes.list}>
            {ids.map(([name, value]) => (
              <Fact key={name} label={name}>
                <Exact text={value} what={name} />
              </Fact>
            ))}
          </dl>
        </>
      )}
    </>
  );
}

function Exact({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <span className={classes.exact}>
      <code>{text}</code>
      <CopyText text={text} what={what} />
    </span>
  );
}
