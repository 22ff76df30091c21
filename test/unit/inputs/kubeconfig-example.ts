import { stringify } from 'yaml';

/** A kubeconfig with a secret of each kind, none of which may ever be seen. */
export const SECRETS = {
  token: 'eyJhbGciOiJSUzI1NiIsImtpZCI6InNlY3JldCJ9.token-leaf',
  password: 'pa55word-leaf',
  keyLine: 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7',
  env: 'exec-env-leaf-value',
  refreshToken: 'refresh-token-leaf-0123456789',
  proxy: 'proxy-pass-leaf',
} as const;

const KEY = `-----BEGIN PRIVATE KEY-----\n${SECRETS.keyLine}\n-----END PRIVATE KEY-----\n`;
export const KEY_DATA = Buffer.from(KEY).toString('base64');

export const KUBECONFIG = stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'prod',
  clusters: [
    {
      name: 'prod',
      cluster: {
        server: 'https://api.prod.example:6443',
        'proxy-url': `http://me:${SECRETS.proxy}@proxy:3128`,
      },
    },
  ],
  contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'admin' } }],
  users: [
    { name: 'admin', user: { token: SECRETS.token, 'client-key-data': KEY_DATA } },
    { name: 'basic', user: { username: 'ops', password: SECRETS.password } },
    {
      name: 'exec',
      user: {
        exec: {
          command: 'aws',
          env: [
            { name: 'AWS_PROFILE', value: 'production' },
            { name: 'VAULT_TOKEN', value: SECRETS.env },
          ],
        },
      },
    },
    {
      name: 'oidc',
      user: {
        'auth-provider': {
          name: 'oidc',
          config: { 'idp-issuer-url': 'https://idp.example/realm', 'refresh-token': SECRETS.refreshToken },
        },
      },
    },
  ],
});
