import type { Istioctl } from '../istioctl/istioctl.ts';

/**
 * An istioctl that tells of each command that may have changed something.
 *
 * @param touched told before such a command begins and when it has ended, however it did
 */
export function touching(istioctl: Istioctl, touched: () => void): Istioctl {
  const telling = <A extends readonly unknown[], R>(
    call: (...args: A) => Promise<R>,
  ): ((...args: A) => Promise<R>) => {
    return async (...args) => {
      touched();
      try {
        return await call(...args);
      } finally {
        touched();
      }
    };
  };
  const { install, uninstall, setTag, removeTag } = istioctl;
  return {
    ...istioctl,
    install: telling(install),
    uninstall: telling(uninstall),
    setTag: telling(setTag),
    removeTag: telling(removeTag),
  };
}
