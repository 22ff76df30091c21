import { describe, expect, test } from '@jest/globals';
import { checkSupported, dialectOf } from '../../../src/istio/dialect.ts';
import { parseVersion } from '../../../src/istio/version.ts';

const dialect = (version: string) => dialectOf(parseVersion(version));

describe('the dialect of istioctl', () => {
  test('uninstall left the experimental commands with 1.15', () => {
    expect(dialect('1.14.6').uninstall).toEqual(['x', 'uninstall']);
    expect(dialect('1.15.0').uninstall).toEqual(['uninstall']);
  });

  test('tag left them with 1.11', () => {
    expect(dialect('1.10.6').tag).toEqual(['x', 'revision', 'tag']);
    expect(dialect('1.11.0').tag).toEqual(['tag']);
  });

  test('-y means the opposite before 1.12', () => {
    expect(dialect('1.11.8').confirmTag).toEqual([]);
    expect(dialect('1.12.0').confirmTag).toEqual(['-y']);
  });

  test.each([
    ['1.26.8', 'table', []],
    ['1.27.0', 'table', ['-v', '1']],
    ['1.29.6', 'table', ['-v', '1']],
    ['1.30.0-rc.1', 'json', ['-o', 'json']],
    ['1.31.0', 'json', ['-o', 'json']],
    ['1.99.0', 'json', ['-o', 'json']],
  ])('proxy-status of %s prints %s', (version, format, flags) => {
    expect(dialect(version)).toMatchObject({ proxyStatusFormat: format, proxyStatus: flags });
  });

  test('the limit of a request is known from 1.27 on', () => {
    expect(dialect('1.26.8').requestTimeout).toEqual([]);
    expect(dialect('1.27.0').requestTimeout).toEqual(['--kubeclient-timeout', '60s']);
  });

  test('what is older than 1.6 is not supported, as it has no revisions', () => {
    expect(checkSupported('current', parseVersion('1.6.0'), 'revision')).toEqual([]);
    expect(checkSupported('current', parseVersion('1.5.9'), 'revision')).toMatchObject([
      { id: 'version-not-supported', message: expect.stringContaining('1.6 and later') },
    ]);
  });

  test('in place what is older than 1.5 is not supported, as it has no istiod', () => {
    expect(checkSupported('target', parseVersion('1.5.0'), 'in-place')).toEqual([]);
    expect(checkSupported('current', parseVersion('1.4.10'), 'in-place')).toMatchObject([
      {
        id: 'version-not-supported',
        severity: 'error',
        message: expect.stringContaining('current'),
        remedy: expect.stringContaining('by hand'),
      },
    ]);
  });
});
