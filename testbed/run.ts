import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from './cluster.ts';
import { enter, networkExists } from './network.ts';
import { mirrorPort } from './part.ts';
import { placeOf, type Place } from './place.ts';
import { Refusal } from './refusal.ts';
import { readState } from './state.ts';

/**
 * Becomes the command, inside the cluster's network. It takes over this process, so its terminal, its signals and
 * its exit code need nobody in between.
 */
export function becomeCommand(name: string, command: readonly string[]): never {
  const place = placeOf(name);
  const network = readState(place)?.network;
  if (network === undefined || !networkExists(network)) {
    throw new Refusal(`There is no cluster ${name}: start it with "npm run testbed -- up --name ${name}".`);
  }
  const [first, ...rest] = command;
  if (first === undefined) throw new Refusal('Say which command to run: npm run testbed -- run -- COMMAND.');
  const argv = enter(network, [first, ...rest]);
  if (process.execve === undefined) throw new Refusal('The testbed needs Node 24.');
  const env = Object.fromEntries(
    Object.entries(commandEnvironment(name, place)).filter(([, value]) => value !== undefined),
  );
  process.execve(onPath(argv[0]), argv, env);
  throw new Error('unreachable');
}

function commandEnvironment(name: string, place: Place): NodeJS.ProcessEnv {
  return {
    ...environment(place),
    TESTBED_NAME: name,
    TESTBED_DIR: place.dir,
    TESTBED_MIRROR: `http://127.0.0.1:${mirrorPort}`,
    TESTBED_AUDIT_LOG: place.audit,
  };
}

function onPath(file: string): string {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(dir, file), constants.X_OK);
      return join(dir, file);
    } catch {
      // not here
    }
  }
  throw new Refusal(`There is no ${file} on PATH.`);
}
