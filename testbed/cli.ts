import { parseArgs } from 'node:util';
import { build } from './binary.ts';
import { restore, save } from './copy.ts';
import { down } from './down.ts';
import { Refusal } from './refusal.ts';
import { becomeCommand } from './run.ts';
import { clusterNames } from './state.ts';
import { status } from './status.ts';
import { up, type UpOptions } from './up.ts';

const usage = `npm run testbed -- COMMAND

  up      start a cluster, install Istio, apply the shop
            --name NAME            which cluster (default: default); several can live side by side
            --revision REVISION    revision of the mesh (default: default, which is the unrevisioned one)
            --version VERSION      release to install (default: the first)
            --namespaces N --workloads M --replicas R
                                   a big mesh beside the shop: N namespaces of M Deployments of R pods
            --istioctl PATH --pilot PATH
                                   other builds of Istio: the first pair is the first release, and so on
            --no-shop, --no-istio  leave that out
  down    take a cluster away: --name NAME, or --all
  status  what is up
  run     run a command inside: run [--name NAME] -- COMMAND
  save    keep a copy of all that is in a cluster: save [--name NAME] COPY
  restore put a cluster back to a copy: restore [--name NAME] COPY
  build   build what is missing, and nothing else
`;

const say = (line: string): void => console.error(`testbed: ${line}`);

async function main([command = 'help', ...rest]: readonly string[]): Promise<void> {
  switch (command) {
    case 'up':
      return up(upOptions(rest), say);
    case 'down':
      return takeDown(rest);
    case 'status':
      console.log(await status());
      return;
    case 'run':
      return runInside(rest);
    case 'save':
      saveCopy(rest);
      return;
    case 'restore':
      return restoreCopy(rest);
    case 'build':
      await build(say);
      return;
    case 'help':
      console.log(usage);
      return;
    default:
      throw new Refusal(`There is no command ${command}.\n\n${usage}`);
  }
}

function upOptions(args: string[]): UpOptions {
  const { values } = parse(() =>
    parseArgs({
      args,
      options: {
        name: { type: 'string', default: 'default' },
        revision: { type: 'string', default: 'default' },
        version: { type: 'string' },
        namespaces: { type: 'string' },
        workloads: { type: 'string', default: '1' },
        replicas: { type: 'string', default: '1' },
        istioctl: { type: 'string', multiple: true, default: [] },
        pilot: { type: 'string', multiple: true, default: [] },
        'no-shop': { type: 'boolean', default: false },
        'no-istio': { type: 'boolean', default: false },
      },
    }),
  );
  return {
    name: checkName(values.name),
    revision: values.revision,
    version: values.version,
    istio: !values['no-istio'],
    shop: !values['no-shop'],
    load:
      values.namespaces === undefined
        ? undefined
        : {
            namespaces: natural('namespaces', values.namespaces),
            workloads: natural('workloads', values.workloads),
            replicas: natural('replicas', values.replicas),
          },
    istioctls: values.istioctl,
    pilots: values.pilot,
  };
}

async function takeDown(args: string[]): Promise<void> {
  const options = {
    name: { type: 'string', default: 'default' },
    all: { type: 'boolean', default: false },
  } as const;
  const { values } = parse(() => parseArgs({ args, options }));
  const names = values.all ? clusterNames() : [checkName(values.name)];
  for (const name of names) await down(name, say);
}

function saveCopy(args: string[]): void {
  const { name, copy } = copyOptions(args);
  save(name, copy);
  say(`${name} is saved as ${copy}`);
}

async function restoreCopy(args: string[]): Promise<void> {
  const { name, copy } = copyOptions(args);
  await restore(name, copy, say);
  say(`${name} is as it was when ${copy} was saved`);
}

function copyOptions(args: string[]): { name: string; copy: string } {
  const options = { name: { type: 'string', default: 'default' } } as const;
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true }));
  const [copy] = positionals;
  if (copy === undefined) throw new Refusal(`Name the copy.\n\n${usage}`);
  return { name: checkName(values.name), copy: checkName(copy) };
}

function runInside(args: string[]): never {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const { values } = parse(() =>
    parseArgs({ args: own, options: { name: { type: 'string', default: 'default' } } }),
  );
  return becomeCommand(checkName(values.name), end < 0 ? [] : args.slice(end + 1));
}

/** The name is part of paths and of the network's name. */
function checkName(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/.test(name))
    throw new Refusal(`--name ${name}: use small letters, digits and dashes.`);
  return name;
}

function natural(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Refusal(`--${option} ${text}: use a number above 0.`);
  return Number(text);
}

function parse<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n\n${usage}`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Refusal ? error.message : error);
  process.exitCode = 1;
}
