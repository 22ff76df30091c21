import type { Finding } from '../finding.ts';
import { firstOf } from '../istio/first-of.ts';
import { type Home, istioctlAt } from '../istio/home.ts';
import { type Injector, injectedByOnceDefault, servesDefault } from '../istio/injection.ts';
import {
  anothersDefault,
  knowsDefaultTag,
  movesDefault,
  takesDefaultOf,
  takesVacant,
} from '../istio/movable-default.ts';
import type { Mesh } from '../istio/mesh.ts';
import { DEFAULT_VALIDATOR } from '../istio/names.ts';
import { placeOf } from '../istio/other-meshes.ts';
import type { Sides } from '../istio/side.ts';
import type { Check } from './check.ts';

/** So many namespaces are named. */
const NAMED = 20;

/** The command that makes a revision of a mesh the default. */
export function makesDefault(home: Home, revision: string): string {
  return istioctlAt(home, `tag set default --revision ${revision} --overwrite -y`);
}

/** Whether the default that namespaces may follow leads nowhere, while an upgrade would lead it on. */
export function missesDefault(mesh: Mesh, sides: Sides): boolean {
  return mesh.defaultInjector.length === 0 && movesDefault(mesh, sides);
}

/**
 * Exactly one control plane of the cluster is the default. With none, an install from 1.27 on would take it at once (T16, H12,
 * observed 25), and with it every namespace that has `istio-injection=enabled`; an older one leaves it to nobody. One of another
 * mesh is left there.
 */
export const defaultRevision: Check = ({ mesh, upgrade }) => {
  const command = makesDefault(mesh, upgrade.from.revision);
  const owner = anothersDefault(mesh);
  if (owner !== undefined) return [leftTo(owner, upgrade)];
  if (missesDefault(mesh, upgrade)) return [missing(mesh, upgrade, command)];
  if (mesh.defaultInjector.length === 0 && knowsDefaultTag(upgrade)) return [vacant(upgrade, command)];
  const others = mesh.foreignInjectors.filter(servesDefault);
  // Nobody can tell whose the default is, and who moves it takes it from the other.
  if (mesh.defaultInjector.length > 0 && others.length > 0) {
    const theirs = new Set(others.map((item) => `${item.revision} in ${placeOf(item)}`));
    return [
      overlap(
        [...mesh.defaultInjector, ...theirs],
        `Leave the default to one of the two meshes: see ${istioctlAt(mesh, 'x injector list')}.`,
      ),
    ];
  }
  if (mesh.defaultInjector.length > 1)
    return [overlap(mesh.defaultInjector, `Leave one of them: ${command}`)];
  if (mesh.defaultValidator === undefined && movesDefault(mesh, upgrade)) {
    return [
      {
        id: 'default-validator-missing',
        severity: 'error',
        message: `no ${DEFAULT_VALIDATOR} leads to this mesh: Istio's objects without a revision are not validated by it`,
        remedy: `Make it: ${command}`,
      },
    ];
  }
  return [];
};

function missing(mesh: Mesh, { from, to }: Sides, command: string): Finding {
  const waiting = waitingFor(mesh, from.revision);
  const would = takesVacant(mesh, to)
    ? 'so installing a revision would make it the default at once'
    : `although ${mesh.defaultValidator === undefined ? 'there are some' : `${DEFAULT_VALIDATOR} is there`}, and promote would make ${to.revision} the default`;
  return {
    id: 'default-webhook-missing',
    severity: 'error',
    message: `no webhook injects namespaces with istio-injection=enabled, ${would}${waiting === '' ? '' : `: new pods in ${waiting} would get a sidecar`}`,
    remedy: `${waiting === '' ? 'Make' : 'Take the label off those that are to have none, then make'} the current one the default${waiting === '' ? ' first' : ''}: ${command}`,
  };
}

function vacant({ to }: Sides, command: string): Finding {
  return {
    id: 'default-stays-vacant',
    severity: 'info',
    message: `nobody has the default: no webhook injects namespaces with istio-injection=enabled, and no ${DEFAULT_VALIDATOR} leads to this mesh. It stays so in every phase: no install of a revision of ${to.version} takes it, and promote makes none`,
    remedy: `Nothing: the namespaces of this mesh go by istio.io/rev. If there is to be a default: ${command}`,
  };
}

/** Namespaces that would be injected once a revision is the default, and are not by anybody. */
function waitingFor({ namespaces, injectors }: Mesh, revision: string): string {
  const names = namespaces
    .filter(
      ({ labels, injectedBy, foreign, terminating }) =>
        !terminating &&
        injectedBy.length + foreign.length === 0 &&
        injectedByOnceDefault(injectors, revision, labels).length > 0,
    )
    .map(({ name }) => name);
  return firstOf(names, NAMED);
}

function leftTo(theirs: Injector, { to }: Sides): Finding {
  const owner = `the mesh in ${placeOf(theirs)}`;
  const taken = takesDefaultOf(theirs, to);
  return {
    id: 'default-of-another-mesh',
    severity: taken ? 'error' : 'info',
    message: `the default is that of ${owner}: ${theirs.configuration} injects namespaces with istio-injection=enabled${taken ? `, but it is no default tag, so installing a revision of ${to.version} here would take the default at once` : '. It stays there, and so does the default validator'}`,
    remedy: taken
      ? `Have ${owner} make its default a tag first (by its own istioctl), then run the phase again.`
      : 'Nothing: the namespaces of this mesh go by istio.io/rev.',
  };
}

function overlap(serving: readonly string[], remedy: string): Finding {
  return {
    id: 'injectors-overlap',
    severity: 'error',
    message: `namespaces with istio-injection=enabled are injected by ${serving.join(' and ')}`,
    remedy,
  };
}
