/** Groups that older Kubernetes serves in an older version, and the minor release that brought the one of `paths.ts`. */
const OLDER: readonly (readonly [newest: string, older: string, since: number])[] = [
  ['autoscaling/v2', 'autoscaling/v2beta2', 23],
  ['policy/v1', 'policy/v1beta1', 21],
];

/** Where a request goes, and what is in it. */
export interface Sent {
  readonly path: string;
  readonly body: object | undefined;
}

/**
 * A request in a version that the cluster serves. From 1.16 on istioctl asks for the cluster's version, too; until then it
 * writes autoscaling/v2beta1, which comes to the same once the server has stored it.
 *
 * @param minor minor release of Kubernetes; asked only where it matters
 */
export async function asServed(sent: Sent, minor: () => Promise<number>): Promise<Sent> {
  const row = OLDER.find(([newest]) => sent.path.startsWith(`/apis/${newest}/`));
  if (row === undefined || (await minor()) >= row[2]) return sent;
  const [newest, older] = row;
  const { path, body } = sent;
  return {
    path: path.replace(`/apis/${newest}/`, `/apis/${older}/`),
    body:
      body !== undefined && 'apiVersion' in body && body.apiVersion === newest
        ? { ...body, apiVersion: older }
        : body,
  };
}
