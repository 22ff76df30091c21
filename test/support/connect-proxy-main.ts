import { startConnectProxy } from './connect-proxy.ts';

/** A proxy as a program, for inside a cluster's network: says its port, then each target. It ends with its stdin. */
const [host = '127.0.0.1', names = '{}'] = process.argv.slice(2);
const say = (line: string | number): boolean => process.stdout.write(`${line}\n`);
const { port } = await startConnectProxy({
  host,
  names: JSON.parse(names) as Record<string, string>,
  onAsked: say,
});
say(port);
process.stdin.resume().once('end', () => process.exit());
