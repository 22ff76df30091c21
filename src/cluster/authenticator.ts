import type { KubeConfig, User } from '@kubernetes/client-node';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { CredentialError } from './credential-error.ts';
import { type ExecConfig, type ExecSurroundings, createExecPlugin } from './exec-plugin.ts';

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** A user's credential that comes from outside the kubeconfig, and may change while the run lasts. */
export interface OutsideCredential extends Authenticator {
  /** The server did not take what there was: it is to be had anew. */
  readonly forget: () => void;
}

/** The user's entry in a kubeconfig, as far as it leads outside. */
export interface OutsideUser {
  readonly exec?: ExecConfig;
  readonly tokenFile?: string;
}

/** For client-node, which knows `exec` in part and `tokenFile` not at all; undefined for a user of neither. */
export function outsideCredential(
  { exec, tokenFile }: OutsideUser,
  surroundings: ExecSurroundings,
): OutsideCredential | undefined {
  if (exec !== undefined) return byPlugin(exec, surroundings);
  return tokenFile === undefined ? undefined : byFile(tokenFile);
}

const isAuthProvider = (): boolean => true;

function byPlugin(exec: ExecConfig, surroundings: ExecSurroundings): OutsideCredential {
  const plugin = createExecPlugin(exec, surroundings);
  return {
    isAuthProvider,
    forget: plugin.forget,
    applyAuthentication: async (_user: User, options: object) => {
      const { token, cert, key } = await plugin.credential();
      Object.assign(options, {
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      });
      if (token !== undefined) bear(options, token);
    },
  };
}

/** Read each time that it is asked for: whoever writes the file may have written a new one. */
function byFile(path: string): OutsideCredential {
  return {
    isAuthProvider,
    forget: () => undefined,
    applyAuthentication: async (_user: User, options: object) => {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        const { code = '' } = error as NodeJS.ErrnoException;
        throw new CredentialError(
          `the kubeconfig's tokenFile ${path} can't be read (${code})`,
          'A path in the kubeconfig is taken from the workspace; or put the token itself into the kubeconfig.',
        );
      });
      if (text.trim() === '') {
        throw new CredentialError(`the kubeconfig's tokenFile ${path} is empty`, 'Write a token into it.');
      }
      bear(options, text.trim());
    },
  };
}

function bear(options: Pick<RequestOptions, 'headers'>, token: string): void {
  options.headers = { ...(options.headers as Record<string, string>), Authorization: `Bearer ${token}` };
}
