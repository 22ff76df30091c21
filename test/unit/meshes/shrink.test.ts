import { describe, expect, test } from '@jest/globals';
import { shrink } from '../../meshes/shrink.ts';
import { type Story } from '../../meshes/story.ts';

const story: Story = {
  seed: 1,
  index: 1,
  engine: 'dist',
  form: 'default',
  features: ['paused', 'bare-pod', 'daemon'],
  acts: [
    { run: 'precheck', inputs: {} },
    {
      run: 'canary',
      inputs: { 'canary-namespaces': 'first', set: 'a=b' },
      during: { write: 3, when: 'before', by: 'kill', stale: true },
    },
    { actor: 'drain', namespace: 'first' },
    { run: 'rollback', inputs: {} },
  ],
};

describe('a story that shows something', () => {
  test('is cut down to what it needs for that', async () => {
    const smallest = await shrink(story, ({ acts, features }) =>
      Promise.resolve(
        features.includes('bare-pod') && acts.some((act) => 'run' in act && act.during?.by === 'kill'),
      ),
    );
    expect(smallest).toEqual({
      ...story,
      engine: 'sources',
      features: ['bare-pod'],
      acts: [
        {
          run: 'canary',
          inputs: { 'canary-namespaces': 'first' },
          during: { write: 3, when: 'before', by: 'kill' },
        },
      ],
    });
  });

  test('is left as it is where nothing smaller shows it, and is not tried for ever', async () => {
    let played = 0;
    const smallest = await shrink(
      story,
      () => {
        played += 1;
        return Promise.resolve(false);
      },
      5,
    );
    expect([smallest, played]).toEqual([story, 5]);
  });
});
