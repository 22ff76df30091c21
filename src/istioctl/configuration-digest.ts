import { createHash } from 'node:crypto';
import { type Configuration, readConfiguration } from './config-files.ts';

/**
 * The sha256 of what files and `set` lines say, by which the record knows a configuration again.
 *
 * @throws UnfaithfulSetValue
 */
export async function configurationDigest(what: Configuration): Promise<string> {
  const { texts } = await readConfiguration(what);
  const hash = createHash('sha256');
  for (const { text } of texts) hash.update(`${String(text.length)}:`).update(text);
  return hash.digest('hex');
}
