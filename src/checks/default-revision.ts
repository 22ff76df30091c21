import type { Finding } from '../finding.ts';
import { type Home, istioctlAt } from '../istio/home.ts';
import { type Injector, servesDefault } from '../istio/injection.ts';
import { anothersDefault, movesDefault, takesDefaultOf } from '../istio/movable-default.ts';
import type { Mesh } from '../istio/mesh.ts';
import { DEFAULT_VALIDATOR } from '../istio/names.ts';
import type { Sides } from '../istio/side.ts';
import type { Check } from './check.ts';

/** The command that makes a revision of a mesh the default. */
export function makesDefault(home: Home, revision: string): string {
  return istioctlAt(home, `tag set default --revision ${revision} --overwrite -y`);
}

/** Whether the default that namespaces may follow leads nowhere, and a command puts that right. */
export function missesDefault(mesh: Mesh, sides: Sides): boolean {
  // No install takes it where no upgrade moves it.
  return mesh.defaultInjector.length === 0 && movesDefault(mesh, sides);
}

/**
 * Exactly one control plane of the cluster is the default. With none, the next revisioned install would take it at once
 * (T16, H12, observed 25), and with it every namespace that has `istio-injection=enabled`. One of another mesh is left there.
 */
export const defaultRevision: Check = ({ mesh, upgrade }) => {
  const { from } = upgrade;
  const command = makesDefault(mesh, from.revision);
  const owner = anothersDefault(mesh);
  if (owner !== undefined) return [leftTo(owner, upgrade)];
  if (missesDefault(mesh, upgrade)) {
    return [
      {
        id: 'default-webhook-missing',
        severity: 'error',
        message:
          'no webhook injects namespaces with istio-injection=enabled, so installing a revision would make it the default at once',
        remedy: `Make the current one the default first: ${command}`,
      },
    ];
  }
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

/** The namespace of another mesh, as words of a sentence. */
export function placeOf({ istioNamespace }: Injector): string {
  return istioNamespace ?? 'another cluster';
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
