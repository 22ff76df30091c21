import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ApiRequest, apiOf } from './api.ts';

/**
 * Runs inside the testbed's network: a request a line on stdin, its answer a line on stdout. Ends with its input, so it
 * does not outlive who started it.
 */
const { api, close } = apiOf(readFileSync(process.env.KUBECONFIG ?? '', 'utf8'));

createInterface(process.stdin)
  .on('line', (line) => {
    const { id, request } = JSON.parse(line) as { id: number; request: ApiRequest };
    const answered = api(request).catch((error: unknown) => ({
      status: 0,
      body: { message: error instanceof Error ? error.message : String(error) },
    }));
    void answered.then((answer) => process.stdout.write(`${JSON.stringify({ id, answer })}\n`));
  })
  .on('close', close);
