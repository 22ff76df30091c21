import { fitsFlags } from '../../src/cluster/impersonation.ts';
import { KubeconfigError, readKubeconfig } from '../../src/cluster/kubeconfig.ts';
import { Rejection } from '../../src/input-error.ts';
import { decodeKubeconfig } from '../../src/input/kubeconfig.ts';
import type { Stage, Verdict } from './kubeconfig-corpus.ts';

/** The text that istioctl is given, through a relay or at a gateway that is not there. */
export function textForIstioctl(stage: Stage, text: string): string {
  const kubeconfig = readKubeconfig(decodeKubeconfig(text), '', {}, { directory: stage.dir });
  return fitsFlags(kubeconfig.actsAs)
    ? kubeconfig.through('http://127.0.0.1:9')
    : kubeconfig.at('http://127.0.0.1:9/secret');
}

/** What we say of a kubeconfig: as input, then as what is connected with. Anything but the two refusals is thrown on. */
export function askReader(stage: Stage, text: string): Verdict {
  try {
    readKubeconfig(decodeKubeconfig(text), '', {}, { directory: stage.dir });
    return { taken: true, says: '' };
  } catch (error) {
    if (!(error instanceof KubeconfigError || error instanceof Rejection)) throw error;
    // A date is another one each time.
    return {
      taken: false,
      says: stage
        .clean(error.message)
        .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'DATE')
        .replace(/got \d+ char/, 'got N char'),
    };
  }
}
