import type { Permission } from '../cluster/cluster.ts';
import type { CommandResult } from '../process/command.ts';
import type { Redact } from '../redact.ts';

/** The parts of a command's result that its meaning is read from. */
export type Printed = Pick<CommandResult, 'code' | 'stdout' | 'stderr'> & {
  /** Takes the secrets of the run out of what is told of it. */
  readonly redact?: Redact;
};

/** istioctl gave no answer that can be relied on. Never to be taken for "nothing found" (promise 8). */
export interface Unreadable {
  readonly readable: false;
  /** Why, in istioctl's words where it had any; one line, without secrets. */
  readonly reason: string;
  /** The rights that it was refused, where that was told: then asking again is in vain. */
  readonly denied?: readonly Permission[];
}
