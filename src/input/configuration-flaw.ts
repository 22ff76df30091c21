import { parseAllDocuments } from 'yaml';

/** A file that istioctl can't take for a configuration: what it is instead, and what helps. */
export interface ConfigurationFlaw {
  readonly is: string;
  readonly remedy: string;
}

const OPERATOR = 'It should be an IstioOperator (kind: IstioOperator, with spec).';

/**
 * What a file of the input `config` is where it is plainly no IstioOperator: what downloads, editors and other tools leave
 * (issue 11). istioctl refuses most of them, but only once it was had, and in Go's words; the others it takes for no
 * configuration at all. Undefined where it may be one: the rest is for istioctl to say.
 *
 * @param begins whether it is installed for the first time: a phase that goes on must take what the one before took
 */
export function flawOfConfiguration(bytes: Buffer, begins: boolean): ConfigurationFlaw | undefined {
  const [first, second] = bytes;
  if (first === 0x1f && second === 0x8b)
    return { is: 'is packed with gzip', remedy: 'Unpack it in a step before.' };
  if (bytes.includes(0)) {
    return { is: 'is UTF-16 or no text at all', remedy: 'Save it as UTF-8 (PowerShell: -Encoding utf8).' };
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  return flawOfText(text) ?? flawOfYaml(text, begins);
}

function flawOfText(text: string): ConfigurationFlaw | undefined {
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(text)) {
    return {
      is: 'is a web page',
      remedy: 'Look at the step that downloads it: a page of an error or a login came back.',
    };
  }
  if (text.startsWith('version https://git-lfs.github.com/')) {
    return { is: 'is a pointer of Git LFS', remedy: 'Set lfs: true for actions/checkout.' };
  }
  const conflict = lineOf(text, /^(?:<{7}|>{7})(?: |$)/);
  if (conflict !== undefined) {
    return { is: `has a conflict of a merge in line ${String(conflict)}`, remedy: 'Resolve it.' };
  }
  const packed = text.replace(/\s/g, '');
  if (/^[A-Za-z0-9+/]{40,}={0,2}$/.test(packed) && Buffer.from(packed, 'base64').includes('kind')) {
    return { is: 'is base64', remedy: 'Decode it in a step before: base64 -d.' };
  }
  return undefined;
}

function flawOfYaml(text: string, begins: boolean): ConfigurationFlaw | undefined {
  const documents = parseAllDocuments(text, { version: '1.1', logLevel: 'silent', uniqueKeys: false });
  if (!Array.isArray(documents)) return undefined;
  if (documents.some(({ errors }) => errors.length > 0)) {
    const tab = lineOf(text, /^ *\t/);
    return tab === undefined
      ? undefined
      : { is: `is indented by a tab in line ${String(tab)}`, remedy: 'YAML takes spaces only.' };
  }
  return flawOfDocuments(documents.map(valueOf), begins);
}

/** istioctl refuses two IstioOperators, and of an empty document and another it reads the first alone. */
function flawOfDocuments(documents: readonly unknown[], begins: boolean): ConfigurationFlaw | undefined {
  const values = documents.filter((value) => value !== null && value !== undefined);
  if (values.length > 1) {
    const operators = values.filter((value) => Reflect.get(Object(value), 'kind') === 'IstioOperator');
    // What else is beside one is for istioctl to say: from 1.24 on it takes none.
    return operators.length < 2
      ? undefined
      : {
          is: 'holds several IstioOperators',
          remedy: 'istioctl takes one a file: make several files of it, and name each.',
        };
  }
  if (begins && values.length === 1 && documents[0] === null) {
    return {
      is: 'begins with an empty document',
      remedy:
        'istioctl reads the first one alone, without your settings: take it out, with the --- behind it.',
    };
  }
  const [value] = values;
  return values.length === 1 ? flawOfValue(value) : undefined;
}

/** The plain value; undefined where aliases would blow it up. */
function valueOf(document: { toJS(): unknown }): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

/** Keys at the top of Istio's Helm values. */
const HELM = [
  'pilot',
  'global',
  'meshConfig',
  'revision',
  'defaultRevision',
  'sidecarInjectorWebhook',
  'cni',
];

function flawOfValue(value: unknown): ConfigurationFlaw | undefined {
  if (typeof value !== 'object' || value === null)
    return { is: 'is a text and no mapping', remedy: OPERATOR };
  if (Array.isArray(value)) return { is: 'is a list', remedy: OPERATOR };
  const { kind, apiVersion } = value as { readonly kind?: unknown; readonly apiVersion?: unknown };
  if ('sops' in value)
    return { is: 'is encrypted with sops', remedy: 'Decrypt it in a step before: sops -d.' };
  if (kind === 'IstioOperator') return undefined;
  if (typeof kind === 'string' && kind !== '') {
    const sail = typeof apiVersion === 'string' && apiVersion.startsWith('sailoperator.io/');
    return {
      is: `is of kind ${kind.slice(0, 40)}`,
      remedy: sail ? 'A mesh of the Sail operator is not upgraded by this Action.' : OPERATOR,
    };
  }
  return Object.keys(value).some((key) => HELM.includes(key))
    ? { is: "is Helm's values", remedy: 'Put them below spec.values of an IstioOperator.' }
    : { is: 'has no kind', remedy: OPERATOR };
}

function lineOf(text: string, pattern: RegExp): number | undefined {
  const at = text.split('\n').findIndex((line) => pattern.test(line));
  return at < 0 ? undefined : at + 1;
}
