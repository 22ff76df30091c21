import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runAction } from '../../../scripts/run-action.ts';
import { AuditLog, persisting } from '../../support/testbed-audit.ts';
import { down, inside, launcher, removeStrays, up } from '../../support/testbed.ts';
import { type Api, type ApiAnswer, type ApiRequest, USER_AGENT } from '../api.ts';
import type { StartCluster, SuiteCluster } from '../cluster.ts';
import { everything } from '../everything.ts';
import type { MeshRevision } from '../scenario.ts';
import { shortTimeout } from '../timeout.ts';

const BRIDGE = fileURLToPath(new URL('../bridge.ts', import.meta.url));

let clusters = 0;

/** The testbed: the judge. Named so that another run of the tests takes away what this one leaves when it dies. */
export const startTestbed: StartCluster = (mesh) => start(mesh, []);

/** The same with nothing but Istio in it. */
export const startWithoutShop: StartCluster = (mesh) => start(mesh, ['--no-shop']);

async function start(mesh: MeshRevision, args: readonly string[]): Promise<SuiteCluster> {
  await removeStrays();
  const name = `sc-suite-${String(++clusters)}-p${String(process.pid)}`;
  try {
    const startedAt = performance.now();
    await up(name, ['--revision', mesh, ...args]);
    return await connect(name, mesh, performance.now() - startedAt);
  } catch (error) {
    await down(name);
    throw error;
  }
}

async function connect(name: string, mesh: MeshRevision, startMs: number): Promise<SuiteCluster> {
  const place = await placeOf(name);
  const bridge = new Bridge(name);
  return {
    kind: 'testbed',
    mesh,
    kubeconfig: (user) => readFileSync(join(place('TESTBED_DIR'), `${user}.kubeconfig`), 'utf8'),
    mirror: place('TESTBED_MIRROR'),
    // Less than a test has: what hangs is told by the Action itself.
    timeouts: { long: '3m', short: shortTimeout(startMs, { least: 20, perStart: 0.6 }) },
    api: bridge.api,
    everything: (ignored) => everything(bridge.api, ignored),
    action: (request) => {
      const dist = process.env.ACTION_DIST;
      return runAction({
        ...(dist === undefined ? {} : { dist }),
        ...request,
        // The testbed's own would be found where a scenario gives none.
        launcher: [...launcher(name), 'env', 'KUBECONFIG=/nowhere/kubeconfig'],
      });
    },
    istioctl: (version, args) => inside(name, [`istioctl-${version}`, ...args]),
    requests: requestsOf(new AuditLog(place('TESTBED_AUDIT_LOG'))),
    close: async () => {
      bridge.close();
      await down(name);
    },
  };
}

function requestsOf(log: AuditLog): SuiteCluster['requests'] {
  return {
    mark: () => log.mark(),
    since: (mark) =>
      log
        .since(mark)
        .filter(({ userAgent }) => userAgent !== USER_AGENT)
        .map((event) => ({
          what: `${event.verb} ${event.requestURI} by ${event.userAgent ?? 'unknown'}`,
          persists: persisting([event]).length > 0,
        })),
  };
}

/** Asks the cluster where its things are. */
async function placeOf(name: string): Promise<(variable: string) => string> {
  const { stdout } = await inside(name, [process.execPath, '-p', 'JSON.stringify(process.env)']);
  const known = JSON.parse(stdout) as Record<string, string>;
  return (variable) => {
    const value = known[variable];
    if (value === undefined) throw new Error(`the testbed does not say ${variable}`);
    return value;
  };
}

/** The way to the API server from outside the testbed's network: a process of ours that is inside. */
class Bridge {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: ApiAnswer) => void>();
  #asked = 0;

  constructor(name: string) {
    const [file = '', ...args] = [...launcher(name), process.execPath, BRIDGE] as string[];
    const env = { ...process.env };
    delete env.NODE_OPTIONS;
    this.#child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.once('exit', () => {
      this.#end('the bridge into the testbed has ended');
    });
    createInterface(this.#child.stdout!).on('line', (line) => {
      const { id, answer } = JSON.parse(line) as { id: number; answer: ApiAnswer };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  readonly api: Api = (request: ApiRequest) =>
    new Promise((resolve) => {
      const id = ++this.#asked;
      this.#waiting.set(id, resolve);
      this.#child.stdin!.write(`${JSON.stringify({ id, request })}\n`);
    });

  close(): void {
    this.#child.stdin!.end();
  }

  #end(message: string): void {
    for (const resolve of this.#waiting.values()) resolve({ status: 0, body: { message } });
    this.#waiting.clear();
  }
}
