import type { Ended, Istioctl } from '../istioctl/istioctl.ts';

/**
 * An istioctl that tells of each command that may have changed something.
 *
 * @param touched told before such a command begins and when it has ended, however it did
 */
export function touching(istioctl: Istioctl, touched: () => void): Istioctl {
  const telling = <A extends readonly unknown[]>(
    call: (...args: A) => Promise<Ended>,
  ): ((...args: A) => Promise<Ended>) => {
    return async (...args) => {
      touched();
      try {
        return await call(...args);
      } finally {
        touched();
      }
    };
  };
  return {
    ...istioctl,
    install: telling<Parameters<Istioctl['install']>>((...args) => istioctl.install(...args)),
    uninstall: telling<Parameters<Istioctl['uninstall']>>((...args) => istioctl.uninstall(...args)),
    setTag: telling<Parameters<Istioctl['setTag']>>((...args) => istioctl.setTag(...args)),
    removeTag: telling<Parameters<Istioctl['removeTag']>>((...args) => istioctl.removeTag(...args)),
  };
}
