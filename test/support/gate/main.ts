import { createInterface } from 'node:readline';
import type { Command, Event, Setup } from './message.ts';
import { type GateServer, serve } from './server.ts';

/** The gate as a program: JSON lines in, JSON lines out. It ends with its stdin, and so with whoever started it. */
function tell(event: Event): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function obey(gate: GateServer, command: Command): void {
  try {
    gate.obey(command);
    tell({ done: command.id });
  } catch (error) {
    tell({ failed: command.id, why: String(error) });
  }
}

let gate: GateServer | undefined;
for await (const line of createInterface(process.stdin)) {
  if (gate === undefined) {
    gate = await serve(JSON.parse(line) as Setup, tell);
    tell({ listening: gate.port });
  } else obey(gate, JSON.parse(line) as Command);
}
process.exit();
