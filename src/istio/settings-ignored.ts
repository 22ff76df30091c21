import { LABEL_TAG } from './names.ts';

/**
 * What is no setting, and why. What the API server, controllers and other people have set needs no row: `managedFields`
 * tell that it is not istioctl's (`applied-fields.ts`).
 */

/** Objects that are not compared. */
export const UNCOMPARED: readonly {
  readonly is: (kind: string, name: string, labels: Readonly<Record<string, unknown>>) => boolean;
  readonly why: string;
}[] = [
  {
    is: (kind, name) => kind === 'ConfigMap' && /^values(-|$)/.test(name),
    why: 'istioctl notes there what it was given and what it found out about the cluster; nothing reads it',
  },
  {
    is: (kind, name) => kind === 'ServiceAccount' && name === 'istio-reader-service-account',
    why: 'of the base, which all revisions share: the uninstall of any takes it along, and the next install brings it again',
  },
  {
    is: (_kind, _name, labels) => labels[LABEL_TAG] !== undefined,
    why: 'a tag, which no configuration makes: see the checks of tags',
  },
];

/** Key paths that are not compared. */
export const SETTLED_ELSEWHERE: readonly { readonly at: RegExp; readonly why: string }[] = [
  {
    at: /:metadata\.labels\.(install\.)?operator\.istio\.io\//,
    why: 'install adds them as it applies; manifest generate does not print them',
  },
  { at: /:metadata\.labels\.istio\.io\/rev$/, why: 'as above, on accounts and roles' },
  {
    at: /:(spec\.template\.)?metadata\.(labels|annotations)\.(helm\.sh\/chart|app\.kubernetes\.io\/version)$/,
    why: 'of the release',
  },
  {
    at: /:spec\.template\.metadata\.annotations\.[^:]*checksum/,
    why: 'follows from another object, which is compared itself',
  },
];
