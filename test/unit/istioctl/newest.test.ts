import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newestOf, readWanted } from '../../../src/istioctl/newest.ts';

const FROM = { major: 1, minor: 30 };

async function newest(
  text: string,
  offered: readonly string[],
): Promise<{ found?: string; asked: string[] }> {
  const asked: string[] = [];
  const wanted = readWanted(text);
  if (wanted === undefined) throw new Error(text);
  const version = await newestOf(wanted, {
    platform: 'linux',
    arch: 'x64',
    baseUrl: 'https://mirror.example/releases/',
    from: FROM,
    offers: (url) => {
      asked.push(url);
      return Promise.resolve(
        offered.some((one) => url.includes(`/${one}/istioctl-${one}-linux-amd64.tar.gz.sha256`)),
      );
    },
  });
  return { ...(version === undefined ? {} : { found: version.text }), asked };
}

describe('a version as people write it', () => {
  const offered = ['1.30.0', '1.30.1', '1.30.3', '1.30.4', '1.31.0', '1.31.1', '1.32.0-rc.0'];

  test.each([
    ['1.30', '1.30.4'],
    ['1.30.x', '1.30.4'],
    ['v1.31', '1.31.1'],
    ['latest', '1.31.1'],
    ['v1.31.0', '1.31.0'],
    ['1.32.0-rc.0', '1.32.0-rc.0'],
  ])('%s is %s', async (text, version) => {
    expect((await newest(text, offered)).found).toBe(version);
  });

  test('is not there where the place offers none', async () => {
    expect((await newest('1.29', offered)).found).toBeUndefined();
  });

  test('a whole version asks nobody; a place that offers everything is not asked for ever', async () => {
    expect((await newest('1.31.0', offered)).asked).toEqual([]);
    expect(
      (
        await newest(
          '1.31',
          Array.from({ length: 500 }, (_, patch) => `1.31.${String(patch)}`),
        )
      ).asked,
    ).toHaveLength(60);
  });

  test('that a place could not be asked is no answer', async () => {
    const offers = (): Promise<boolean> => Promise.reject(new Error('no route'));
    const query = { platform: 'linux', arch: 'x64', baseUrl: 'https://mirror.example', from: FROM, offers };
    await expect(newestOf({ kind: 'latest' }, query)).rejects.toThrow('no route');
  });

  test.each(['', '1', '1.31.', '01.31', '1.31.0.0', 'newest', '^1.31', 'x'])('%j is none', (text) => {
    expect(readWanted(text)).toBeUndefined();
  });

  test('is read from any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void readWanted(text)));
  });
});
