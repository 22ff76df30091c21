import type { StatusDocument } from './proxies.ts';
import { type StatusForm, statusColumns } from './releases.ts';

const GAP = 5;

/** The types in a table's order, and their names in the documents; without one it is never sent. */
const TYPES = {
  states: [
    ['CDS', 'Cluster'],
    ['LDS', 'Listener'],
    ['EDS', 'ClusterLoadAssignment'],
    ['RDS', 'RouteConfiguration'],
    ['ECDS', ''],
  ],
  'all states': [
    ['CDS', 'Cluster'],
    ['ECDS', ''],
    ['EDS', 'ClusterLoadAssignment'],
    ['LDS', 'Listener'],
    ['RDS', 'RouteConfiguration'],
  ],
} as const;

type Resource = NonNullable<StatusDocument['resources']>[number];

/** The documents for people: a line for each proxy. */
export function statusTable(
  documents: readonly StatusDocument[],
  form: Exclude<StatusForm, 'json'>,
  version: string,
): string[] {
  const has = statusColumns(version);
  const types = form === 'counts' ? [] : TYPES[form].filter(([, type]) => type !== '' || has.extensions);
  const last = form === 'counts' ? ['SUBSCRIBED TYPES'] : [];
  const cluster = (cell: string): string[] => (has.cluster ? [cell] : []);
  const header = [
    'NAME',
    ...cluster('CLUSTER'),
    ...types.map(([title]) => title),
    has.istiod,
    'VERSION',
    ...last,
  ];
  const rows = documents.flatMap(({ resources = [], controlPlane }) => {
    const { ID } = JSON.parse(controlPlane.identifier) as { ID: string };
    return resources.map((resource) => [
      resource.node.id,
      ...cluster(resource.node.metadata.CLUSTER_ID),
      ...types.map(([, type]) => stateOf(resource, type, has.age)),
      ID,
      resource.node.metadata.ISTIO_VERSION,
      ...last.map(() => '4 (CDS,LDS,EDS,RDS)'),
    ]);
  });
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)) + GAP);
  const end = header.length - 1;
  return lines.map((line) =>
    line.map((cell, column) => (column < end ? cell.padEnd(widths[column] ?? 0) : cell)).join(''),
  );
}

/** As recorded with 1.29.6: with the time since then behind it, and `IGNORED` for what nobody asks for. */
function stateOf({ genericXdsConfigs = [] }: Resource, type: string, age: boolean): string {
  if (type === '') return age ? 'IGNORED' : 'NOT SENT';
  const config = genericXdsConfigs.find(({ typeUrl }) => typeUrl.endsWith(`.${type}`));
  return config === undefined ? 'NOT SENT' : `${config.configStatus}${age ? ' (3m)' : ''}`;
}
