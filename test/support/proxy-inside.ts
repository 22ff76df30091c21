import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { launcher } from './testbed.ts';

const MAIN = fileURLToPath(new URL('connect-proxy-main.ts', import.meta.url));

/** A proxy in a cluster's network. */
export interface ProxyInside {
  readonly url: string;
  /** Where it was asked to connect to, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** @param names where names lead that no DNS knows: only through this proxy is there a way to them */
export async function startProxyInside(
  cluster: string,
  host: string,
  names: Readonly<Record<string, string>>,
): Promise<ProxyInside> {
  const [command, ...args] = [...launcher(cluster), process.execPath, MAIN, host, JSON.stringify(names)];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS'));
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const [port] = (await once(lines, 'line')) as [string];
  const asked: string[] = [];
  lines.on('line', (target) => asked.push(target));
  return {
    url: `http://${host}:${port}`,
    asked,
    close: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}
