import { chooseCrypto, type CryptoLine, writeCrypto } from '../../../sdp/crypto.ts';
import { packKeys } from '../../../rtp/srtp/keys.ts';
import { masterBytes, srtpSuite } from '../../../rtp/srtp/suites.ts';
import type { KeyKeeper, StreamSecurity } from '../../types.ts';

/** The offered crypto line that we take: the first that we can do (RFC 4568 §5.1.2). */
function chosen(crypto: readonly string[]): CryptoLine | null {
  return chooseCrypto(crypto, (name) => {
    const suite = srtpSuite(name);
    return suite === undefined ? undefined : masterBytes(suite);
  });
}

/** How a stream with these `a=crypto` lines is protected, its keys sealed; null when we can do none of them. */
export function securityOf(crypto: readonly string[], keeper: KeyKeeper): StreamSecurity | null {
  const line = chosen(crypto);
  const suite = line === null ? undefined : srtpSuite(line.suite);
  if (line === null || suite === undefined) return null;
  return { suite: suite.name, sealedKeys: keeper.seal(packKeys({ suite, masters: line.keys })) };
}

/** Our own line for an offer's: the same tag and suite with a key of ours, which protects nothing, as we send no media. */
export function answeringCrypto(crypto: readonly string[], keeper: KeyKeeper, context: string): string | null {
  const line = chosen(crypto);
  return line === null ? null : ownCrypto(line.tag, line.suite, keeper, context);
}

/** @param context session and m-line: for these the key stays the same */
export function ownCrypto(tag: string, suiteName: string, keeper: KeyKeeper, context: string): string {
  const suite = srtpSuite(suiteName)!;
  return writeCrypto(tag, suite.name, keeper.ownKey(`${context}/${suite.name}`, masterBytes(suite)));
}
