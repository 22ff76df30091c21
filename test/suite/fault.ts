import type { Fault } from './scenario.ts';

/** The switches that both clusters have: testbed/README.md, "Faults". */
const FAULTS: Readonly<Record<Fault, Readonly<Record<string, string>>>> = {
  'never-ready': { 'testbed/ready': 'never' },
  'image-pull': { 'testbed/pull': 'fail' },
  'proxy-stale': { 'testbed/proxy': 'stale' },
};

/** Annotations that give a pod template's pods a fault when that revision injects them. */
export function faultAnnotations(fault: Fault, revision: string): Readonly<Record<string, string>> {
  return { ...FAULTS[fault], 'testbed/only-revision': revision };
}
