import type { KubeConfig, User } from '@kubernetes/client-node';
import { readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { CredentialError } from './credential-error.ts';
import { type ExecConfig, type ExecSurroundings, createExecPlugin } from './exec-plugin.ts';
import type { Entry } from './kubeconfig-file.ts';
import { isSendable } from './token.ts';

/** What client-node asks for the credential of a user. */
export type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** A user's credential that comes from outside the kubeconfig, and may change while the run lasts. */
export interface OutsideCredential extends Authenticator {
  /** The server did not take what there was: it is to be had anew. */
  readonly forget: () => void;
}

/** What a credential from outside is had with. */
export interface OutsideSurroundings extends ExecSurroundings {
  /** Told each secret before it is used. */
  readonly onSecret?: ((secret: string) => void) | undefined;
}

/** Credentials beside which client-go does not start a plugin. */
const BEFORE_EXEC = ['token', 'tokenFile', 'username', 'client-certificate', 'client-certificate-data'];

/** For client-node, which knows `exec` in part and `tokenFile` not at all; undefined for a user of neither. */
export function outsideCredential(
  user: Entry,
  surroundings: OutsideSurroundings,
): OutsideCredential | undefined {
  const given = (key: string): boolean => typeof user[key] === 'string' && user[key] !== '';
  if (given('tokenFile')) return byFile(user.tokenFile as string, surroundings.onSecret);
  const exec = user.exec as ExecConfig | undefined;
  return exec === undefined || BEFORE_EXEC.some(given) ? undefined : byPlugin(exec, surroundings);
}

const isAuthProvider = (): boolean => true;

/** The credential from outside, if there is one, and the headers that make it act as somebody else. */
export function asUser(headers: OutgoingHttpHeaders, outside: OutsideCredential | undefined): Authenticator {
  return {
    isAuthProvider,
    applyAuthentication: async (user: User, options: RequestOptions) => {
      await outside?.applyAuthentication(user, options);
      options.headers = { ...(options.headers as OutgoingHttpHeaders), ...headers };
    },
  };
}

function byPlugin(exec: ExecConfig, surroundings: OutsideSurroundings): OutsideCredential {
  const plugin = createExecPlugin(exec, surroundings);
  return {
    isAuthProvider,
    forget: plugin.forget,
    applyAuthentication: async (_user: User, options: object) => {
      const { token, cert, key } = await plugin.credential();
      for (const secret of [token, key]) if (secret !== undefined) surroundings.onSecret?.(secret);
      Object.assign(options, {
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      });
      if (token !== undefined) bear(options, token);
    },
  };
}

/** Read each time that it is asked for: whoever writes the file may have written a new one. */
function byFile(path: string, onSecret: ((secret: string) => void) | undefined): OutsideCredential {
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
      const token = text.trim();
      if (token === '') {
        throw new CredentialError(`the kubeconfig's tokenFile ${path} is empty`, 'Write a token into it.');
      }
      onSecret?.(token);
      if (!isSendable(token)) {
        throw new CredentialError(
          `the kubeconfig's tokenFile ${path} holds characters that no header can hold, such as a line break`,
          'Write the token alone into it, in one line.',
        );
      }
      bear(options, token);
    },
  };
}

function bear(options: Pick<RequestOptions, 'headers'>, token: string): void {
  options.headers = { ...(options.headers as Record<string, string>), Authorization: `Bearer ${token}` };
}
