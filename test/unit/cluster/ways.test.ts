import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiError, REASON_CERTIFICATE } from '../../../src/cluster/api-error.ts';
import { type Api, createApi } from '../../../src/cluster/api.ts';
import { CredentialError } from '../../../src/cluster/credential-error.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { createAuthority } from '../../support/certificate.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type HttpsServer, certificateUser, startHttpsServer } from '../../support/https-server.ts';
import { scratch } from '../../support/scratch.ts';

const closers: (() => void)[] = [];
let dir = '';
beforeEach(() => {
  dir = scratch('istio-upgrade-ways');
});
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A server that answers with whom it sees: by certificate, or by what it is told. */
async function server(hosts?: readonly string[], refuses: () => boolean = () => false): Promise<HttpsServer> {
  const started = await startHttpsServer(
    (asked, response, _body, user) => {
      if (refuses()) response.writeHead(401).end('{}');
      else response.end(JSON.stringify({ user: user ?? asked.headers.authorization }));
    },
    hosts === undefined ? {} : { hosts },
  );
  closers.push(started.close);
  return started;
}

/** The API over a kubeconfig whose relative paths start in the test's directory. */
function apiOf(kubeconfig: string, env: NodeJS.ProcessEnv = { PATH: process.env.PATH }): Api {
  const ended = new AbortController();
  closers.push(() => ended.abort());
  return createApi(readKubeconfig(kubeconfig, '', env, { directory: dir }), 'test', ended.signal);
}

const ask = (api: Api): Promise<unknown> => api.request({ method: 'GET', path: '/me', what: 'get me' });
const user = (name: string): object => ({ user: name });
const TOKEN = { token: 'token-1' };
const V1 = 'client.authentication.k8s.io/v1';

describe('whom the server is', () => {
  test('is told by the authority in the kubeconfig', async () => {
    const { kubeconfig } = await server();
    expect(await ask(apiOf(kubeconfig(TOKEN)))).toEqual(user('Bearer token-1'));
  });

  test('by a file with the authority, from the workspace', async () => {
    const { kubeconfig, ca } = await server();
    writeFileSync(join(dir, 'ca.pem'), ca);
    const text = kubeconfig(TOKEN, { 'certificate-authority': 'ca.pem' });
    expect(await ask(apiOf(text))).toEqual(user('Bearer token-1'));
  });

  test('a server that it does not vouch for is not tried again and again', async () => {
    const { kubeconfig } = await server();
    const other = Buffer.from(createAuthority('another').cert).toString('base64');
    const text = kubeconfig(TOKEN, { 'certificate-authority-data': other });
    await expect(ask(apiOf(text))).rejects.toMatchObject({ status: 0, reason: REASON_CERTIFICATE });
  });

  test.each([
    [
      'has expired',
      [-3, -1],
      '127.0.0.1',
      /server's certificate.* has expired.*CERT_HAS_EXPIRED/,
      /certs renew/,
    ],
    ['is not good yet', [1, 3], '127.0.0.1', /not valid yet/, /clock/],
    [
      'is for another name',
      [-1, 1],
      'api.test',
      /for another host name than the kubeconfig's server/,
      /tls-server-name/,
    ],
  ])('a certificate that %s is named as what it is', async (_, [from, to], host, words, remedy) => {
    const at = (days: number): number => Date.now() + days * 86_400_000;
    const started = await startHttpsServer((_asked, response) => response.end('{}'), {
      hosts: [host],
      period: [at(from!), at(to!)],
    });
    closers.push(started.close);
    const error = await ask(apiOf(started.kubeconfig(TOKEN))).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: REASON_CERTIFICATE, message: expect.stringMatching(words) });
    expect((error as ApiError).remedy).toMatch(remedy);
  });

  test('an authority that is not the server’s, and a server without TLS, are named as what they are', async () => {
    const { kubeconfig } = await server();
    const other = Buffer.from(createAuthority('another').cert).toString('base64');
    const mismatch = ask(apiOf(kubeconfig(TOKEN, { 'certificate-authority-data': other })));
    await expect(mismatch).rejects.toThrow(/of another authority than the kubeconfig has/);
    const plain = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad\r\n\r\n'),
    );
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    closers.push(() => plain.close());
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    await expect(
      ask(apiOf(kubeconfig(TOKEN, { server: url, 'insecure-skip-tls-verify': true }))),
    ).rejects.toThrow(/speaks no TLS/);
  });

  test('insecure-skip-tls-verify asks for no proof', async () => {
    const { kubeconfig } = await server();
    const text = kubeconfig(TOKEN, { 'insecure-skip-tls-verify': true });
    expect(await ask(apiOf(text))).toEqual(user('Bearer token-1'));
  });

  test('tls-server-name is the name that it must prove', async () => {
    const { kubeconfig, ca } = await server(['api.test']);
    const authority = { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
    await expect(ask(apiOf(kubeconfig(TOKEN, authority)))).rejects.toMatchObject({
      reason: REASON_CERTIFICATE,
    });
    const named = kubeconfig(TOKEN, { ...authority, 'tls-server-name': 'api.test' });
    expect(await ask(apiOf(named))).toEqual(user('Bearer token-1'));
  });
});

describe('who we are', () => {
  test('by a client certificate', async () => {
    const { kubeconfig, client } = await server();
    expect(await ask(apiOf(kubeconfig(certificateUser(client('eve')))))).toEqual(user('eve'));
  });

  test('by a client certificate in files', async () => {
    const { kubeconfig, client } = await server();
    const { cert, key } = client('eve');
    writeFileSync(join(dir, 'c.pem'), cert);
    writeFileSync(join(dir, 'k.pem'), key);
    const text = kubeconfig({ 'client-certificate': 'c.pem', 'client-key': './k.pem' });
    expect(await ask(apiOf(text))).toEqual(user('eve'));
  });

  test('by a file with a token, which is read anew when the server does not take it any more', async () => {
    let expired = false;
    const { kubeconfig } = await server(undefined, () => {
      const refuse = expired;
      expired = false;
      return refuse;
    });
    writeFileSync(join(dir, 'token'), 'token-1\n');
    const api = apiOf(kubeconfig({ tokenFile: 'token', token: 'an-older-one' }));
    expect(await ask(api)).toEqual(user('Bearer token-1'));
    writeFileSync(join(dir, 'token'), 'token-2\n');
    expired = true;
    expect(await ask(api)).toEqual(user('Bearer token-2'));
  });

  test('a file that is not there is named at once', async () => {
    const { kubeconfig } = await server();
    expect(() => apiOf(kubeconfig({ tokenFile: 'token' }))).toThrow(
      /user "me", tokenFile: unable to read .*token \(ENOENT\). It is a file of another machine/,
    );
  });

  test.each([
    ['that goes', undefined, /tokenFile .*token can't be read \(ENOENT\)/],
    ['that is empty', '\n', /tokenFile .*token is empty/],
    ['of two lines', 'a\nb\n', /tokenFile .*token holds characters that no header can hold/],
  ])('a file %s is named, also when it comes to that later', async (_, content, message) => {
    const { kubeconfig } = await server();
    writeFileSync(join(dir, 'token'), 'token-1');
    const api = apiOf(kubeconfig({ tokenFile: 'token' }));
    if (content === undefined) rmSync(join(dir, 'token'));
    else writeFileSync(join(dir, 'token'), content);
    const error = await ask(api).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CredentialError);
    expect(String(error)).toMatch(message);
  });
});

describe('an exec plugin', () => {
  /** A plugin in the test's directory, by a relative path, that runs this script. */
  function plugin(script: string, rest: object = {}): object {
    writeFileSync(join(dir, 'plugin.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return {
      exec: { apiVersion: V1, command: './plugin.sh', interactiveMode: 'Never', ...rest },
    };
  }
  const prints = (status: object, apiVersion = V1): string =>
    `cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\nEND`;

  test('gets its arguments, its environment and what Kubernetes promises it, and none of our inputs', async () => {
    const { kubeconfig } = await server();
    const script = `echo "$1 $WHO $INPUT_KUBECONFIG $KUBERNETES_EXEC_INFO" > '${dir}/seen'\n${prints({ token: 't' })}`;
    const exec = plugin(script, { args: ['get'], env: [{ name: 'WHO', value: 'eve' }] });
    const env = { PATH: process.env.PATH, INPUT_KUBECONFIG: 'secret' };
    expect(await ask(apiOf(kubeconfig(exec), env))).toEqual(user('Bearer t'));
    const seen = readFileSync(join(dir, 'seen'), 'utf8');
    expect(seen).toMatch(/^get eve {2}\{/);
    expect(JSON.parse(seen.slice('get eve  '.length))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false },
    });
  });

  test('is told about the cluster where it asks to be', async () => {
    const { kubeconfig, url } = await server();
    const script = `echo "$KUBERNETES_EXEC_INFO" > '${dir}/seen'\n${prints({ token: 't' })}`;
    await ask(apiOf(kubeconfig(plugin(script, { provideClusterInfo: true }))));
    const { spec } = JSON.parse(readFileSync(join(dir, 'seen'), 'utf8')) as { spec: object };
    expect(spec).toMatchObject({ cluster: { server: url } });
  });

  test('may give a client certificate', async () => {
    const { kubeconfig, client } = await server();
    const { cert, key } = client('eve');
    const exec = plugin(prints({ clientCertificateData: cert, clientKeyData: key }));
    expect(await ask(apiOf(kubeconfig(exec)))).toEqual(user('eve'));
  });

  test.each([
    ['once for many requests', '2099-01-01T00:00:00Z', 'x'],
    ['again when its credential has expired', '2020-01-01T00:00:00Z', 'xx'],
  ])('is run %s', async (_, expirationTimestamp, runs) => {
    const { kubeconfig } = await server();
    const script = `printf x >> '${dir}/runs'\n${prints({ token: 't', expirationTimestamp })}`;
    const kubeconfigOfPlugin = readKubeconfig(
      kubeconfig(plugin(script)),
      '',
      { PATH: process.env.PATH },
      { directory: dir },
    );
    const { signal } = new AbortController();
    // Two clients of one kubeconfig, as a run has them.
    for (let count = 0; count < 2; count++) await ask(createApi(kubeconfigOfPlugin, 'test', signal));
    expect(readFileSync(join(dir, 'runs'), 'utf8')).toBe(runs);
  });

  test('that is not there is named, with what its owner says about it', async () => {
    const { kubeconfig } = await server();
    const exec = {
      apiVersion: V1,
      interactiveMode: 'Never',
      command: 'no-such-plugin',
      installHint: 'brew install no-such-plugin',
    };
    const error = await ask(apiOf(kubeconfig({ exec }))).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CredentialError);
    expect(String(error)).toMatch(/the program "no-such-plugin": .*no such file/);
    expect((error as CredentialError).remedy).toBe('brew install no-such-plugin');
  });

  test('that fails is tried again, and told with those of its words that can be no secret (K07)', async () => {
    const { kubeconfig } = await server();
    const script = `printf x >> '${dir}/runs'\necho "Post with secret-token: dial tcp: lookup sts.example: no such host" >&2\nexit 3`;
    await expect(ask(apiOf(kubeconfig(plugin(script))))).rejects.toThrow(
      /plugin\.sh", which ended with exit code 3: no such host$/,
    );
    expect(readFileSync(join(dir, 'runs'), 'utf8')).toBe('xxx');
  });

  test('K07: that says only what may be a secret is not quoted', async () => {
    const { kubeconfig } = await server();
    const error = await ask(apiOf(kubeconfig(plugin('echo secret-token >&2; exit 1')))).catch(String);
    expect(error).toContain('exit code 1; what it said is not shown');
    expect(error).not.toContain('secret-token');
  });

  test('K07: of much that it says, words are quoted that are whole, and nothing from where it was cut', async () => {
    const { kubeconfig } = await server();
    const script = `head -c 300000 /dev/zero | tr '\\0' 'x' >&2
      echo "secret-token: no such host" >&2
      echo "The config profile ${'secret-token'.repeat(3)} could not be found" >&2
      head -c 300000 /dev/zero | tr '\\0' 'y' >&2
      exit 1`;
    const error = await ask(apiOf(kubeconfig(plugin(script)))).catch(String);
    expect(error).toMatch(/exit code 1: no such host$/);
  });

  test.each([
    ['a number for a token', { token: 5 }, 'no ExecCredential with a token'],
    ['an object for a token', { token: { toString: 1 } }, 'no ExecCredential with a token'],
    ['a status that is a list', ['secret-token'], 'no ExecCredential with a token'],
    ['a token of two lines', { token: 'secret-\ntoken' }, 'characters that no header can hold'],
    ['a token with a NUL', { token: 'secret-\0token' }, 'characters that no header can hold'],
    [
      'a certificate that is none',
      { clientCertificateData: 'secret-token', clientKeyData: 'secret-token' },
      'a certificate and a key that belong to no pair',
    ],
    ['a number for a key', { token: 'a', clientKeyData: 'secret-token' }, 'only certificate or key'],
  ])('that gives %s is named at once, and not quoted', async (_, status, words) => {
    const { kubeconfig } = await server();
    const error = await ask(apiOf(kubeconfig(plugin(prints(status))))).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CredentialError);
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('secret-');
  });

  test.each<[unknown]>([[5], [{}], [{ toString: 1 }], [[]], [null]])(
    'whose end is %j is good until it is refused',
    async (end) => {
      const { kubeconfig } = await server();
      const exec = plugin(prints({ token: 't', expirationTimestamp: end }));
      expect(await ask(apiOf(kubeconfig(exec)))).toEqual(user('Bearer t'));
    },
  );

  test('K02: that answers another version is refused, as client-go refuses it', async () => {
    const { kubeconfig } = await server();
    const script = prints({ token: 't' }, 'client.authentication.k8s.io/v1beta1');
    await expect(ask(apiOf(kubeconfig(plugin(script))))).rejects.toThrow(
      /configured to use API version client\.authentication\.k8s\.io\/v1, and returned version client\.authentication\.k8s\.io\/v1beta1/,
    );
  });

  test('gets what proves which workflow it is, under istioctl as under us, and nothing else of the runner', async () => {
    const { kubeconfig } = await server();
    const script = `env > '${dir}/seen'\n${prints({ token: 't' })}`;
    const env = {
      PATH: process.env.PATH,
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://oidc.example',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'workflow-token',
      ACTIONS_RUNTIME_TOKEN: 'not-for-plugins',
    };
    const text = kubeconfig(plugin(script));
    await ask(apiOf(text, env));
    const seen = readFileSync(join(dir, 'seen'), 'utf8');
    expect(seen).toContain('ACTIONS_ID_TOKEN_REQUEST_TOKEN=workflow-token');
    expect(seen).not.toContain('not-for-plugins');
    const forIstioctl = readKubeconfig(text, '', env, { directory: dir }).through('http://127.0.0.1:1');
    expect(forIstioctl).toContain('workflow-token');
    expect(forIstioctl).not.toContain('not-for-plugins');
  });

  test.each(['echo secret-token', prints({ note: 'secret-token' }), prints({ token: '' }, 'secret-token')])(
    'promise 10: what it prints is never told, also where it is of no use: %s',
    async (script) => {
      const { kubeconfig } = await server();
      const error = await ask(apiOf(kubeconfig(plugin(script)))).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(CredentialError);
      expect(String(error)).not.toContain('secret-token');
    },
  );
});

describe('through a proxy', () => {
  /** A name that only the proxy knows: who went another way would not arrive. */
  const NAME = 'api.test';

  async function behind(options: Parameters<typeof startConnectProxy>[0] = {}) {
    const { kubeconfig, ca, url } = await server([NAME]);
    const { port } = new URL(url);
    const proxy = await startConnectProxy({ ...options, names: { [NAME]: '127.0.0.1' } });
    closers.push(proxy.close);
    const cluster = {
      server: `https://${NAME}:${port}`,
      'certificate-authority-data': Buffer.from(ca).toString('base64'),
    };
    return {
      proxy,
      text: (more: object) => kubeconfig(TOKEN, { ...cluster, ...more }),
      target: `${NAME}:${port}`,
    };
  }

  test('of the kubeconfig, with its password', async () => {
    const { proxy, text, target } = await behind({ credentials: 'me:pass word' });
    const api = apiOf(text({ 'proxy-url': `http://me:pass%20word@127.0.0.1:${proxy.port}` }));
    expect(await ask(api)).toEqual(user('Bearer token-1'));
    expect(proxy.asked).toEqual([target]);
  });

  test('of the environment', async () => {
    const { proxy, text, target } = await behind();
    const api = apiOf(text({}), { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
    expect(await ask(api)).toEqual(user('Bearer token-1'));
    expect(proxy.asked).toEqual([target]);
  });

  test('of a server whose scheme is in capitals', async () => {
    const { proxy, text, target } = await behind();
    const cluster = { server: `HTTPS://${target}`, 'proxy-url': `HTTP://127.0.0.1:${proxy.port}` };
    expect(await ask(apiOf(text(cluster)))).toEqual(user('Bearer token-1'));
  });

  test('that is reached by TLS', async () => {
    const authority = createAuthority('proxy-ca');
    const known = getCACertificates('default');
    setDefaultCACertificates([...known, authority.cert]);
    closers.push(() => setDefaultCACertificates(known));
    const { proxy, text } = await behind({ tls: authority.issue({ name: 'p', hosts: ['localhost'] }) });
    const api = apiOf(text({ 'proxy-url': `https://localhost:${proxy.port}` }));
    expect(await ask(api)).toEqual(user('Bearer token-1'));
  });

  test('that refuses us: the answer of the proxy is told', async () => {
    const { proxy, text } = await behind({ credentials: 'me:secret' });
    const api = apiOf(text({ 'proxy-url': `http://127.0.0.1:${proxy.port}` }));
    await expect(api.request({ method: 'GET', path: '/me', what: 'get me', retryForMs: 0 })).rejects.toThrow(
      /407|Proxy/,
    );
  });
});
