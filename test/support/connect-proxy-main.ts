import { startConnectProxy } from './connect-proxy.ts';

/** A proxy as a program, for inside a cluster's network: says its port, then each target. It ends with its stdin. */
const [host = '127.0.0.1'] = process.argv.slice(2);
const { port } = await startConnectProxy({ host, onAsked: (target) => process.stdout.write(`${target}\n`) });
process.stdout.write(`${port}\n`);
process.stdin.resume().once('end', () => process.exit());
