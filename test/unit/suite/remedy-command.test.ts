import { describe, expect, test } from '@jest/globals';
import { commandIn, requestOf } from '../../suite/remedy-command.ts';

describe('the command of a remedy', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'Make it: istioctl tag set default --revision 1-30-3 --overwrite -y',
      'istioctl',
      ['tag', 'set', 'default', '--revision', '1-30-3', '--overwrite', '-y'],
    ],
    [
      'Finish it, or, when nothing uses it, run istioctl uninstall --revision blue.',
      'istioctl',
      ['uninstall', '--revision', 'blue', '-y'],
    ],
    [
      'Take the label away (kubectl label namespace outside istio.io/rev-).',
      'kubectl',
      ['label', 'namespace', 'outside', 'istio.io/rev-'],
    ],
    [
      'Tell it: `kubectl label deployment istiod -n mesh version=VERSION`. Then go on.',
      'kubectl',
      ['label', 'deployment', 'istiod', '-n', 'mesh', 'version=1.30.3'],
    ],
  ])('%s', (remedy, program, args) => {
    expect(commandIn(remedy, { VERSION: '1.30.3' })).toEqual({ program, args });
  });

  test('one that only looks is none', () => {
    expect(commandIn('Check it (istioctl proxy-status --revision x).', {})).toBeUndefined();
    expect(commandIn('', {})).toBeUndefined();
  });
});

describe('what kubectl would send', () => {
  test.each([
    [
      'label namespace shop istio.io/rev=1-30-3 --overwrite',
      { patch: 'Namespace shop', with: { metadata: { labels: { 'istio.io/rev': '1-30-3' } } } },
    ],
    [
      'label deployment istiod -n mesh version=1',
      { patch: 'Deployment mesh/istiod', with: { metadata: { labels: { version: '1' } } } },
    ],
    [
      'annotate namespace shop a/b-',
      { patch: 'Namespace shop', with: { metadata: { annotations: { 'a/b': null } } } },
    ],
    ['delete configmap record -n mesh', { remove: 'ConfigMap mesh/record' }],
  ])('%s', (command, request) => {
    expect(requestOf(command.split(' '))).toEqual(request);
  });

  test('what is not known is an error', () => {
    expect(() => requestOf(['delete', 'secret', 'x'])).toThrow('secret');
    expect(() => requestOf(['label', 'namespace', 'x', 'odd'])).toThrow('odd');
  });
});
