import type { CommandResult } from '../process/command.ts';
import { type RenderedToApply, readToApply } from './applied.ts';
import { UnreadableManifest, splitDocuments } from './manifest.ts';
import { cutLogLines, lastWords } from './output.ts';
import type { Unreadable } from './reading.ts';

/** Istio CNI as a configuration renders it; without an object where it has none. */
export interface RenderedCni {
  readonly readable: true;
  /** In the order in which they are to be applied: what the node agent needs first, its DaemonSet last. */
  readonly objects: readonly RenderedToApply[];
}

const LAST = 'DaemonSet';

/** Reads a rendering that has nothing but Istio CNI in it. A part of a configuration may be empty, unlike all of it. */
export function readCni({ code, stdout, stderr }: CommandResult): RenderedCni | Unreadable {
  if (code !== 0) return { readable: false, reason: lastWords({ stdout: '', stderr }) || 'it failed' };
  try {
    const objects = splitDocuments(cutLogLines(stdout)).map((text) => readToApply(text, 'Istio CNI has'));
    return {
      readable: true,
      objects: [
        ...objects.filter(({ kind }) => kind !== LAST),
        ...objects.filter(({ kind }) => kind === LAST),
      ],
    };
  } catch (error) {
    if (error instanceof UnreadableManifest) return { readable: false, reason: error.message };
    throw error;
  }
}
