import { expect, test } from '@jest/globals';
import { flawOfServer } from '../../../src/cluster/server.ts';

test.each([
  ['https://api.example.com:6443', undefined],
  ['https://me:%7Asecret@api.example.com/clusters/a%20b', undefined],
  ['https://me:%zz@127.0.0.1:9', 'a % that begins no escape'],
  ['https://api.example.com/clusters/%2', 'a % that begins no escape'],
  ['https://me{}@api.example.com', 'no host name or address'],
])('%s is refused where client-go would refuse it', (server, words) => {
  const flaw = flawOfServer(server);
  expect(flaw?.includes(words ?? '')).toBe(words === undefined ? undefined : true);
});
