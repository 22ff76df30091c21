import { dirname, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The walls of the house: what may be imported where, and why. `what` is matched against a package as it is written,
 * or against the path of a file of ours from the top of the repository; `from` and `except` against the importing file.
 *
 * @type {readonly { what: RegExp, from: RegExp, except?: RegExp, types?: boolean, why: string }[]}
 */
export const WALLS = [
  {
    what: /^@kubernetes\/client-node(\/|$)|^(node:)?https?$|^undici(\/|$)/,
    from: /^src\//,
    except: /^src\/(cluster\/|istioctl\/download\.ts$)/,
    why: 'only src/cluster talks to Kubernetes, and src/istioctl/download.ts to where istioctl comes from',
  },
  {
    what: /^(node:)?child_process$|^@actions\/exec(\/|$)/,
    from: /^src\//,
    except: /^src\/process\//,
    why: 'only src/process starts programs',
  },
  {
    what: /^@actions\/core(\/|$)/,
    from: /^src\//,
    except: /^src\/(action|outputs|state|log|report\/annotations)\.ts$/,
    why: 'the runner is talked to at the edges: action, outputs, state, log, annotations',
  },
  {
    what: /^@actions\/tool-cache(\/|$)/,
    from: /^src\//,
    except: /^src\/(istioctl\/acquire|action)\.ts$/,
    why: 'src/istioctl/acquire.ts alone caches what it had; action.ts hands it over',
  },
  {
    what: /^src\/(cluster|istioctl|process)\//,
    from: /^src\/(phases|steps|checks)\//,
    types: true,
    why: 'phases, steps and checks are given what they use (through ctx) and know only its types',
  },
  {
    what: /^src\/(cluster|istioctl|process|engine|phases|steps|checks)\//,
    from: /^src\/(istio|report)\//,
    types: true,
    why: 'src/istio and src/report are pure, below all that acts',
  },
  {
    what: /^src\/(cluster|istioctl|process|phases|steps|wait)\//,
    from: /^src\/decide\//,
    types: true,
    why: 'src/decide is pure: what it decides from was seen by others',
  },
  {
    what: /^src\/engine\//,
    from: /^src\/(phases|steps|checks|decide|wait|cluster|istioctl|record)\//,
    why: 'one direction: engine → phases → steps',
  },
  {
    what: /^src\/phases\//,
    from: /^src\/(steps|checks|decide|wait)\//,
    why: 'one direction: engine → phases → steps',
  },
  {
    what: /^node:|^(fs|os|path|net|http|https|dns|tls|crypto|process)(\/|$)|^@actions\//,
    from: /^src\/(istio|decide|checks)\//,
    why: 'src/istio, src/decide and src/checks are pure: no I/O',
  },
  {
    what: /^node:|^(fs|os|path|net|http|https|dns|tls|crypto|process)(\/|$)|^@actions\//,
    from: /^src\/report\//,
    except: /^src\/report\/(file|annotations)\.ts$/,
    why: 'src/report is pure but for the writers of files and annotations',
  },
  {
    what: /^(node:)?module$/,
    from: /^src\//,
    why: 'what is loaded by other ways than import would pass the walls',
  },
  {
    what: /^(scripts|test|testbed|embedded)\//,
    from: /^src\//,
    why: 'what is shipped does not need what is not',
  },
  {
    what: /^(src|test|scripts)\//,
    from: /^embedded\//,
    why: 'the embedded cluster is to judge the Action, so it does not share its opinions',
  },
  {
    what: /^embedded\/(?!istioctl\/)/,
    from: /^embedded\/istioctl\//,
    why: 'the stand-in for istioctl is a program of its own: it knows the cluster by its API alone',
  },
  {
    what: /^embedded\/istioctl\//,
    from: /^embedded\/(?!istioctl\/)/,
    why: 'the cluster knows the stand-in for istioctl as a program alone',
  },
];

/** Where an import leads: the path of a file of ours, or the package as written. */
function target(source, file) {
  return source.startsWith('.') ? toPath(resolve(dirname(file), source)) : source;
}

function toPath(file) {
  return relative(ROOT, file).split(sep).join(posix.sep);
}

/** Whether nothing of it is left when the types are taken out. */
function onlyTypes(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return specifiers.length > 0 && specifiers.every((s) => s.importKind === 'type' || s.exportKind === 'type');
}

/** @type {import('eslint').Rule.RuleModule} */
const imports = {
  meta: { type: 'problem', schema: [], messages: { wall: '{{target}} may not be imported here: {{why}}.' } },
  create(context) {
    const from = toPath(context.filename);
    const walls = WALLS.filter((wall) => wall.from.test(from) && !wall.except?.test(from));
    const check = (node) => {
      if (node.source === null || node.source === undefined) return;
      const { value } = node.source;
      if (typeof value !== 'string') {
        context.report({
          node,
          messageId: 'wall',
          data: { target: 'what is computed', why: 'no wall can judge it' },
        });
        return;
      }
      const to = target(value, context.filename);
      const wall = walls.find(({ what, types }) => what.test(to) && !(types === true && onlyTypes(node)));
      if (wall !== undefined)
        context.report({ node, messageId: 'wall', data: { target: to, why: wall.why } });
    };
    return walls.length === 0
      ? {}
      : {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
          ImportExpression: check,
        };
  },
};

/** The plugin for eslint.config.mjs. */
export const walls = { meta: { name: 'walls' }, rules: { imports } };
