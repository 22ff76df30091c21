import { dialectOf } from '../../../src/istio/dialect.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import * as argv from '../../../src/istioctl/argv.ts';

const TARGET: argv.Target = { kubeconfigPath: 'K', context: '', istioNamespace: 'istio-system' };

/** What the Action does with istioctl, by its name here. */
export type CommandName =
  | 'version'
  | 'version of the mesh'
  | 'precheck'
  | 'render'
  | 'render in place'
  | 'install a revision'
  | 'install without one'
  | 'uninstall, dry run'
  | 'uninstall'
  | 'set a tag'
  | 'set a tag for all'
  | 'remove a tag'
  | 'list tags'
  | 'proxy-status';

/** Every command of one version for one upgrade, as lines of text; `# …` where that istioctl has none. */
export function goldensOf(version: string): string[] {
  return Object.entries(commandLinesOf(version)).map(([name, line]) =>
    'missing' in line ? `# ${name}: ${line.missing}` : `istioctl ${line.join(' ')}`,
  );
}

export function commandLinesOf(version: string): Readonly<Record<CommandName, argv.CommandLine>> {
  const dialect = dialectOf(parseVersion(version));
  const install = { revision: 'new', files: ['F'], readinessTimeoutMs: 300_000 };
  const tag = { tag: 'default', revision: 'new' };
  return {
    version: argv.clientVersionArgs(),
    'version of the mesh': argv.meshVersionArgs(TARGET, dialect, 'new'),
    precheck: argv.precheckArgs(TARGET, dialect),
    render: argv.manifestGenerateArgs(TARGET, dialect, 'new', ['F']),
    'render in place': argv.manifestGenerateArgs(TARGET, dialect, 'default', ['F']),
    'install a revision': argv.installArgs(TARGET, dialect, install),
    'install without one': argv.installArgs(TARGET, dialect, { ...install, revision: 'default' }),
    'uninstall, dry run': argv.uninstallArgs(TARGET, dialect, 'old', 'dry-run'),
    uninstall: argv.uninstallArgs(TARGET, dialect, 'old', 'delete'),
    'set a tag': argv.setTagArgs(TARGET, dialect, { ...tag, injectsAll: false }),
    'set a tag for all': argv.setTagArgs(TARGET, dialect, { ...tag, injectsAll: true }),
    'remove a tag': argv.removeTagArgs(TARGET, dialect, 'prod'),
    'list tags': argv.listTagsArgs(TARGET, dialect),
    'proxy-status': argv.proxyStatusArgs(TARGET, dialect, 'new'),
  };
}
