import type { View } from '../decide/upgrade.ts';
import { leavesDefaultTag } from '../istio/default-tag-left.ts';
import { DEFAULT_TAG, DEFAULT_VALIDATOR, LABEL_TAG } from '../istio/names.ts';
import type { Context } from './context.ts';
import type { Step } from './step.ts';

/**
 * On the way down below 1.12, once the older control plane serves: takes away the default tag and its validator, which that
 * release does not know. Its istioctl leaves them, and its own injector and the tag's would both inject.
 *
 * @param side whose release is put in place
 */
export const dropDefaultTag = (side: 'from' | 'to'): Step => ({
  id: 'drop-default-tag',
  title: 'Take away the default tag, which the older release does not know',
  timeoutMs: 60_000,
  plan: ({ mesh, upgrade }: View) =>
    leavesDefaultTag(mesh, upgrade[side])
      ? [{ verb: 'point', object: 'default tag', from: upgrade[side].revision, to: null }]
      : [],
  run: async ({ cluster }: Context, { mesh }: View) => {
    const tags = new Set(mesh.tags.filter(({ tag }) => tag === DEFAULT_TAG).map(({ webhook }) => webhook));
    for await (const { metadata } of cluster.list('MutatingWebhookConfiguration')) {
      if (tags.has(metadata.name) && metadata.labels?.[LABEL_TAG] === DEFAULT_TAG)
        await cluster.remove('MutatingWebhookConfiguration', metadata.name, undefined, metadata.uid);
    }
    const validator = await cluster.get('ValidatingWebhookConfiguration', DEFAULT_VALIDATOR);
    if (validator !== undefined)
      await cluster.remove(
        'ValidatingWebhookConfiguration',
        DEFAULT_VALIDATOR,
        undefined,
        validator.metadata.uid,
      );
    return 'the injector of the control plane is the default by itself, as before 1.12';
  },
});
