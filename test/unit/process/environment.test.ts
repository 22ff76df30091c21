import { describe, expect, test } from '@jest/globals';
import { childEnvironment, withholdFromChildren } from '../../../src/process/environment.ts';

describe('the environment of a child', () => {
  test.each([
    'INPUT_KUBECONFIG',
    'INPUT_SET',
    'STATE_kubeconfig',
    'GITHUB_TOKEN',
    'GH_TOKEN',
    'GITHUB_ENTERPRISE_TOKEN',
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'GITHUB_ENV',
    'GITHUB_PATH',
    'GITHUB_OUTPUT',
    'ISTIOCTL_REVISION',
    'ISTIOCTL_PREFER_EXPERIMENTAL',
    'ISTIOCONFIG',
    'NODE_OPTIONS',
  ])('has no %s', (name) => {
    expect(childEnvironment({ [name]: 'x' })).not.toHaveProperty(name);
  });

  test.each([
    'PATH',
    'HOME',
    'HTTPS_PROXY',
    'no_proxy',
    'SSL_CERT_FILE',
    'AWS_SESSION_TOKEN',
    'AZURE_CLIENT_SECRET',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'CLOUDSDK_CONFIG',
    'GITHUB_REPOSITORY',
    'USE_GKE_GCLOUD_AUTH_PLUGIN',
  ])('has %s, which an exec plugin may need', (name) => {
    expect(childEnvironment({ [name]: 'x' })).toHaveProperty(name, 'x');
  });

  test('has a terminal without colours, whatever ours is', () => {
    expect(childEnvironment({ TERM: 'xterm', UNSET: undefined })).toEqual({ TERM: 'dumb', NO_COLOR: '1' });
  });
});

test('what no child may see is taken out of our own, but for what we still need to talk to the runner', () => {
  const env = {
    INPUT_KUBECONFIG: 's',
    ACTIONS_RUNTIME_TOKEN: 's',
    GITHUB_TOKEN: 's',
    GITHUB_OUTPUT: 'f',
    // For the exec plugin of a kubeconfig, which is given it by name.
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'i',
    PATH: '/bin',
  };
  withholdFromChildren(env);
  expect(env).toEqual({ GITHUB_OUTPUT: 'f', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'i', PATH: '/bin' });
});
